/** What `up` and campaigns leave out when they compare the ledger with the exchange (I7). */
import { expect, it } from 'vitest';
import { shortMarginMicros } from '../../src/cli/up/short-margin.ts';
import type { LedgerOrder } from '../../src/ledger/commands/snapshot.ts';

const sale = {
  side: 'sell',
  kind: 'entry',
  limit: '100',
  qty: '10',
  filledQty: '0',
  heldMicros: 1_030_000_000,
} as LedgerOrder;

it.each([
  ['a short sale', {}, 30_000_000],
  ['what is unfilled of it', { filledQty: '4', heldMicros: 618_000_000 }, 18_000_000],
  ['one that was found at the broker', { kind: 'external' }, 30_000_000],
  ['one without a margin', { heldMicros: 1_000_000_000 }, 0],
  ['an exit', { kind: 'exit', heldMicros: 0 }, 0],
  ['a buy', { side: 'buy' }, 0],
] as const)('The margin of %s is what it counts beyond its limit', (_, changes, micros) => {
  expect(shortMarginMicros({ ...sale, ...changes } as LedgerOrder)).toBe(micros);
});
