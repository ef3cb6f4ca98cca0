/**
 * Compares ledger and broker item by item: which position or order explains a difference of their sums (I7).
 */
import { fromNanos, toNanos } from '../../../src/domain/decimal.ts';
import { snapshot } from '../../../src/ledger/commands/snapshot.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { PaperBroker } from './paper-broker.ts';

/** Less than this is rounding, micro-USD. */
const ROUNDING_MICROS = 10;

/** In words; empty where they agree. */
export async function differences(ledger: Ledger, { hand }: PaperBroker): Promise<string[]> {
  const [book, positions, orders] = await Promise.all([
    snapshot(ledger),
    hand.positions(),
    hand.openOrders(),
  ]);
  const held = new Map<string, { ours: string; theirs: string; ourMicros: number; theirMicros: number }>();
  for (const { symbol, side, qty, costMicros } of book?.positions ?? [])
    held.set(symbol, {
      ours: `${side} ${fromNanos(toNanos(qty))}`,
      theirs: 'nothing',
      ourMicros: costMicros,
      theirMicros: 0,
    });
  for (const { symbol, qty, costMicros } of positions) {
    const told = toNanos(qty);
    const theirs = told < 0n ? `short ${fromNanos(-told)}` : `long ${fromNanos(told)}`;
    const { ours, ourMicros } = held.get(symbol) ?? { ours: 'nothing', ourMicros: 0 };
    held.set(symbol, { ours, ourMicros, theirs, theirMicros: Math.abs(costMicros) });
  }
  const live = new Set(orders.map(({ id }) => id));
  const counted = new Set((book?.orders ?? []).map(({ id }) => id));
  return [
    ...[...held].flatMap(([symbol, { ours, theirs, ourMicros, theirMicros }]) =>
      ours === theirs && Math.abs(ourMicros - theirMicros) <= ROUNDING_MICROS
        ? []
        : [
            `${symbol}: the ledger holds ${ours} at ${ourMicros} micro-USD, the broker ${theirs} at ` +
              `${theirMicros}`,
          ],
    ),
    ...[...counted]
      .filter((id) => !live.has(id))
      .map((id) => `${id} counts in the ledger and does not live at the broker`),
    ...[...live]
      .filter((id) => !counted.has(id))
      .map((id) => `${id} lives at the broker and does not count in the ledger`),
  ];
}
