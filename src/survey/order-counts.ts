/** Live orders, counted. Each is read by the script that `worksteal orders` uses, 20 in a step. */
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ROWS_PER_SCRIPT, readOrders } from '../mirror/rows.ts';

export type OrderCounts = {
  states: Record<string, number>;
  held: { pool: string; state: string; micros: number }[];
  protected: Record<string, number>;
  takeable: number;
  unclear: number;
  symbols: Set<string>;
};

const SCAN_COUNT = 200;

/**
 * @param most orders beyond so many are left out
 * @throws WorkstealError `unavailable`, `unknown`
 */
export async function countOrders(ledger: Ledger, most: number): Promise<OrderCounts> {
  const counts: OrderCounts = {
    ...{ states: {}, held: [], protected: {}, takeable: 0, unclear: 0 },
    symbols: new Set(),
  };
  const held = new Map<string, number>();
  const ids = await liveIds(ledger, most);
  for (let at = 0; at < ids.length; at += ROWS_PER_SCRIPT) {
    for (const order of await readOrders(ledger, ids.slice(at, at + ROWS_PER_SCRIPT))) {
      const { state, pool, victim = '' } = order;
      add(counts.states, state);
      if (victim === 'takeable') counts.takeable += 1;
      else add(counts.protected, victim.replaceAll(' ', '_'));
      if (order.unclear) counts.unclear += 1;
      counts.symbols.add(order.symbol);
      const inTotal = `total ${state}`;
      held.set(inTotal, (held.get(inTotal) ?? 0) + (order.heldMicros ?? 0));
      if (pool === null) continue;
      const inPool = `${pool} ${state}`;
      held.set(inPool, (held.get(inPool) ?? 0) + (order.heldPoolMicros ?? 0));
    }
  }
  counts.held = [...held].map(([name, micros]) => {
    const [pool = '', state = ''] = name.split(' ');
    return { pool, state, micros };
  });
  return counts;
}

async function liveIds(ledger: Ledger, most: number): Promise<string[]> {
  const { redis } = ledger;
  const ids = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = await answerOf(
      'survey',
      redis.sscan(key(ledger.account, 'live'), cursor, 'COUNT', SCAN_COUNT),
    );
    for (const id of page) ids.add(id);
    cursor = next;
  } while (cursor !== '0' && ids.size < most);
  return [...ids].slice(0, most);
}

function add(counts: Record<string, number>, word: string): void {
  counts[word] = (counts[word] ?? 0) + 1;
}
