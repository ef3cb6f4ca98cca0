/** A plan of any sort and size on the busy market. */
import type { Plan } from '../../../src/ledger/commands/plans.ts';
import type { Random } from '../../../src/prices/random.ts';
import { BASE_DOLLARS, SYMBOLS } from './market.ts';

/** A plan whose ledger was lost is filed again, and expires as before. */
const LONGEST_LIFE_MS = 7_000;

export type PlanFrame = {
  id: string;
  /** Ledger time. */
  nowMs: number;
  /** Of its quantity; 1: some 1,600 to 7,200 USD. */
  size: number;
  /** Whether a plan of a stock asks for the other side than most of that symbol. */
  isTurned: () => boolean;
};

export function anyPlan(random: Random, { id, nowMs, size, isTurned }: PlanFrame): Plan {
  const r = () => random.next();
  const index = Math.floor(r() * SYMBOLS.length);
  const symbol = SYMBOLS[index] as string;
  const isCrypto = symbol.endsWith('USD');
  // Mostly a symbol is either bought or sold: the broker takes no orders against one's own.
  const side = !isCrypto && (index % 4 === 0) !== isTurned() ? 'sell' : 'buy';
  // Buys around the bottoms of the waves and below, shorts around their tops and above; some are never
  // filled.
  const away = side === 'buy' ? -0.0095 + 0.0045 * r() : 0.019 + 0.0045 * r();
  const limit = (BASE_DOLLARS * (1 + away)).toFixed(2);
  const qty = isCrypto ? (size * (12 + 40 * r())).toFixed(4) : String(Math.round(size * (16 + 56 * r())));
  return {
    id,
    symbol,
    side,
    mode: r() < 0.08 ? 'probe' : 'normal',
    limit,
    qty,
    pnl: (r() < 0.1 ? -20 * r() : 1 + 99 * r()).toFixed(2),
    pool: isCrypto ? 'crypto' : '',
    takeProfit: r() < 0.5 ? (Number(limit) * (side === 'buy' ? 1.006 : 0.994)).toFixed(2) : '',
    startsAtMs: 0,
    expiresAtMs: Math.round(nowMs + 1_500 + (LONGEST_LIFE_MS - 1_500) * r()),
    holdMs: Math.round(300 + 1_200 * r()),
    strategy: 'campaign',
  };
}
