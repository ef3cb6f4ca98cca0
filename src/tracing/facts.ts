/** What spans say of orders and answers, in the vocabulary's words (docs/architecture.md, 1). */
import type { OrderWish } from '../domain/order.ts';
import type { Facts } from './tracing.ts';

export function wishFacts(account: string, wish: OrderWish): Facts {
  const { id, plan, symbol, side, kind, pnl } = wish;
  return {
    'worksteal.account': account,
    'worksteal.order': id,
    'worksteal.plan': plan,
    'worksteal.symbol': symbol,
    'worksteal.side': side,
    'worksteal.kind': kind,
    'worksteal.pnl': pnl,
  };
}

/** An answer with the numbers of the ledger's reply, as far as it has any. */
export function answerFacts(answer: {
  outcome: string;
  reason?: string;
  numbers?: Readonly<Record<string, string | undefined>>;
  victims?: readonly { id: string; symbol: string }[];
}): Facts {
  const { outcome, reason, numbers = {}, victims } = answer;
  const number = (field: string): number | undefined => {
    const text = numbers[field];
    return text === undefined || text === '' ? undefined : Number(text);
  };
  return {
    'worksteal.outcome': outcome,
    'worksteal.reason': reason,
    'worksteal.need_micros': number('need_micros'),
    'worksteal.room_micros': number('room_micros'),
    'worksteal.victims': victims?.map(({ id }) => id),
    'worksteal.victim_symbols': victims?.map(({ symbol }) => symbol),
  };
}
