/**
 * The ledger's refusals as Alpaca says them: a bot's client raises its own error, whose message says why, and
 * whose fields have the numbers (docs/gateway.md).
 */
import { AlpacaError, type Extra, forbidden, unprocessable } from '../alpaca-server/errors.ts';
import type { BrokerRefusal, Placed } from '../coordinator/answers.ts';
import type { Entered } from '../coordinator/coordinator.ts';
import type { Replaced } from '../coordinator/replace.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import { type ErrorCode, WorkstealError } from '../domain/errors.ts';
import { microsToDollars } from '../domain/money.ts';
import type { OrderWish } from '../domain/order.ts';
import { explain, type Refusal } from '../domain/outcome.ts';
import { cryptoPair } from '../domain/symbol.ts';
import type { Fields } from '../ledger/reply.ts';

type Refused = Extract<Entered, { outcome: 'refused' }>;
type Reason = Refused['reason'] | 'over_cap' | 'late' | 'no_room';

/** Why there is no room for an order, in a few words that fit behind Alpaca's own. */
const SENTENCES: Partial<Record<Reason, string>> = {
  steal_failed: 'it took the room of worse orders, but one of them filled first',
  over_cap: 'the cap was lowered while it was on its way',
  late: 'it took the room of worse orders, but these did not end in time',
  no_room: 'the change needs more room than is free',
};

/** What would have to change, by the reason. */
const CHANGES: Partial<Record<Reason, string>> = {
  disabled: 'free room, or stealing switched on',
  no_price: 'free room, or a fresh price of the symbol',
  not_close_enough: 'free room, or a price closer to its limit',
  barred: 'free room, or the end of the pause',
  no_candidates: 'free room, or an order that may be taken',
  fighting: 'free room, or the end of the fight',
  pnl_not_better: 'free room, or a higher forecast (Worksteal-Pnl)',
  insufficient_freed: 'free room, or a smaller order',
  too_many_victims: 'free room, or a smaller order',
  budget_spent: 'free room, or the end of the window of WORK_STEALING_BUDGET',
  lock_lost: 'try again',
  steal_failed: 'try again with a new client_order_id',
  late: 'try again with a new client_order_id',
  over_cap: 'free room',
  no_room: 'free room, or a smaller change; a new order may take the room of worse ones',
  dry_run: 'stealing without WORK_STEALING_DRY_RUN',
};

/** An order that got no room, or may not have any now. */
export function refusalOf(
  { reason, numbers }: Pick<Refused, 'numbers'> & { reason: Reason },
  wish: OrderWish,
) {
  const why = SENTENCES[reason] ?? explain(reason as Refusal);
  switch (reason) {
    case 'halted':
    case 'closed':
      return forbidden(
        `new orders are rejected by user request: ${numbers['words'] || why}`,
        own(reason, why),
      );
    case 'unsynced':
    case 'unconfirmed':
      return away(`${why}; try again`, reason);
    case 'no_position':
      return unheld(numbers, wish, own(reason, why));
    case 'untakeable':
      return unprocessable(numbers['words'] || why, 42210000);
    case 'invalid':
      return unprocessable(why);
    default:
      return noRoom(reason, why, numbers, wish);
  }
}

/** What became of an order that was not sent, or that the broker refused. */
export function notPlaced(placed: Exclude<Placed, { outcome: 'working' }>, wish: OrderWish): AlpacaError {
  switch (placed.outcome) {
    case 'not_sent': {
      const reason = LEDGERS.find((one) => one === placed.reason);
      return reason === undefined ? notSent(placed.reason) : refusalOf({ reason, numbers: {} }, wish);
    }
    case 'ended':
      if (placed.reason === 'duplicate') return duplicate();
      return placed.refusal === undefined ? notSent(placed.reason) : ofBroker(placed.refusal, placed.reason);
    case 'unclear':
      return unclear();
  }
}

/** A replacement that the broker refused, or was not asked for in time. */
export function notReplaced({ why, refusal }: Extract<Replaced, { outcome: 'rejected' }>): AlpacaError {
  if (why === 'duplicate') return duplicate();
  if (why === 'not_sent')
    return away(`the order was not replaced (${refusal.message}); try again`, 'not_sent');
  return ofBroker(refusal, why);
}

/** Why the ledger stops an order at its last step (src/ledger/commands/submit.ts). */
const LEDGERS = [
  ...(['over_cap', 'halted', 'closed', 'unsynced'] as const),
  ...(['no_position', 'unconfirmed', 'no_price'] as const),
];

/** The order may be at the broker: as with Alpaca, the bot asks for it by its id. */
export function unclear(): AlpacaError {
  const why =
    'the broker has not answered yet: ask for the order by its client_order_id before sending another';
  return new AlpacaError(500, 50010000, `internal server error occurred: ${why}`, own('unclear', why));
}

/** The same for an error of the ledger or the broker; undefined for a fault of this program. */
export function ofError(error: unknown): AlpacaError | undefined {
  if (!(error instanceof WorkstealError)) return undefined;
  const { code, message, next } = error;
  const status = STATUS[code];
  if (status === undefined) return undefined;
  return new AlpacaError(status.status, status.code, message, own(code, next));
}

/** 422: the id stands for an order of the bot already. */
export function duplicate(): AlpacaError {
  return unprocessable(TAKEN);
}

/** By this program or by the broker. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof AlpacaError && error.message === TAKEN;
}

const TAKEN = 'client_order_id must be unique';

const AWAY = { status: 503, code: 50310000 };
const STATUS: Partial<Record<ErrorCode, { status: number; code: number }>> = {
  invalid: { status: 422, code: 40010001 },
  contradiction: { status: 422, code: 40010001 },
  unknown: { status: 404, code: 40410000 },
  unavailable: AWAY,
  damaged: AWAY,
  keys: AWAY,
  account: AWAY,
  timeout: AWAY,
  unclear: { status: 500, code: 50010000 },
  refused: { status: 403, code: 40310000 },
};

/** Would the steal alone take more than the whole budget? Then waiting does not help. */
function isBeyondBudget({ takes_micros: takes, budget_micros: budget }: Fields): boolean {
  return takes !== undefined && budget !== undefined && Number(takes) > Number(budget);
}

/** Crypto is bought with cash, so there Alpaca names the balance instead of the buying power. */
function noRoom(reason: Reason, why: string, numbers: Fields, { symbol }: OrderWish): AlpacaError {
  const need = Number(numbers['need_micros'] ?? 0);
  const rooms = ['room_micros', 'pool_room_micros', 'cash_room_micros'].flatMap((name) =>
    numbers[name] === undefined ? [] : [Number(numbers[name])],
  );
  const room = rooms.length === 0 ? 0 : Math.min(...rooms);
  const dollars = (micros: number): string => microsToDollars(Math.max(0, micros));
  const wouldChange = isBeyondBudget(numbers)
    ? 'free room, or a larger WORK_STEALING_BUDGET'
    : (CHANGES[reason] ?? 'free room');
  const sums = `it needs ${dollars(need)} USD, and ${dollars(room)} USD are free`;
  const currency = cryptoPair(symbol)?.quote;
  const short =
    currency === undefined
      ? 'insufficient buying power'
      : `insufficient balance for ${currency} (requested: ${dollars(need)}, available: ${dollars(room)})`;
  const amounts =
    currency === undefined
      ? { buying_power: dollars(room), cost_basis: dollars(need) }
      : { symbol: currency, balance: dollars(room), available: dollars(room) };
  return forbidden(`${short}: ${why}; ${sums}; what would help: ${wouldChange}`, {
    ...amounts,
    worksteal: { reason, sentence: why, needMicros: need, roomMicros: room, wouldChange },
  });
}

function unheld(numbers: Fields, { symbol, qty }: OrderWish, more: Extra): AlpacaError {
  const held = numbers['held_qty'] ?? '0';
  const exits = numbers['exits_qty'] ?? '0';
  const left = toNanos(held) - toNanos(exits);
  const free = fromNanos(left > 0n ? left : 0n);
  const next =
    left > 0n ? `close ${free} first, and send the rest as its own order` : 'other orders close it';
  return forbidden(`insufficient qty available for order (requested: ${qty}, available: ${free}): ${next}`, {
    symbol,
    existing_qty: held,
    available: free,
    held_for_orders: exits,
    ...more,
  });
}

/** 503: the order was not sent, and never will be under this id. */
export function notSent(reason: string): AlpacaError {
  return away(`the order was not sent (${reason}); send it again with a new client_order_id`, 'not_sent');
}

/** 503: nothing was done, and the same request may succeed later. */
export function away(why: string, reason = 'unavailable'): AlpacaError {
  return new AlpacaError(AWAY.status, AWAY.code, `service unavailable: ${why}`, own(reason, why));
}

/** As the broker says it; where it gave no numbers, the message decides. */
function ofBroker({ message, status, code }: BrokerRefusal, why: string): AlpacaError {
  if (status === undefined) return why === 'not_sent' ? notSent(message) : forbidden(message);
  return new AlpacaError(status, code ?? status * 100_000, message);
}

/** The field of our own. */
function own(reason: string, sentence: string, more: Extra = {}): Extra {
  return { worksteal: { reason, sentence, ...more } };
}
