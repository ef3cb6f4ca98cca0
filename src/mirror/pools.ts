/** How full the pools are, from the account's sums: one cheap read between two readings of the status. */
import type { Status } from './rows.ts';

type Pools = Status['pools'];

const SUMS = ['cap_micros', 'positions_micros', 'orders_micros'] as const;

/** The fields of the account's hash that `poolsNow` needs. */
export function fieldsOfPools(pools: Pools): string[] {
  return pools.flatMap(({ pool }) => SUMS.map((sum) => `${sum}:${pool}`));
}

/** The pools with these sums, as `fieldsOfPools` names them. As lua/inspect/include/status-book.lua. */
export function poolsNow(pools: Pools, sums: readonly (string | null)[]): Pools {
  return pools.map((before, at) => {
    const [cap, positions, orders] = SUMS.map((_, nth) => Number(sums[at * SUMS.length + nth] ?? 0)) as [
      number,
      number,
      number,
    ];
    const used = cap === 0 ? 0 : Number(((positions + orders) / cap).toPrecision(9));
    const amounts = { capMicros: cap, positionsMicros: positions, ordersMicros: orders };
    return { ...before, ...amounts, roomMicros: cap - positions - orders, used };
  });
}
