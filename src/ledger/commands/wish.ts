/** The arguments that admit and steal share, in the order of their ARGV. */
import type { OrderWish } from '../../domain/order.ts';

export function wishArguments(wish: OrderWish, leaseMs: number, serverId: string): (string | number)[] {
  return [
    wish.id,
    wish.symbol,
    wish.side,
    wish.kind,
    wish.mode,
    wish.limit,
    wish.qty,
    wish.pnl ?? '0',
    wish.pool ?? '',
    wish.owner,
    wish.plan ?? '',
    leaseMs,
    serverId,
    wish.type ?? 'limit',
    wish.fillProbability ?? '1',
  ];
}
