/** The table of fills: what it learns, and as a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CELL, DISTANCES, FillTable, TIMES } from '../../../src/evidence/fill-table.ts';
import { fillTableFile, readFillTable } from '../../../src/evidence/fill-table-file.ts';
import { runSeed } from '../../../src/evidence/run.ts';
import { merged, tallyOf } from '../../../src/evidence/tally.ts';
import { walkingMarket } from '../../support/walking-market.ts';

const folder = mkdtempSync(join(tmpdir(), 'worksteal-fills-'));
afterAll(() => rmSync(folder, { recursive: true }));

const market = walkingMarket({ symbols: 4, hours: 100, seed: 3, minutes: true });
const none = [{ name: 'none', kind: 'none', rules: {} }] as const;
const tally = merged(
  [1, 2].map((seed) => tallyOf(runSeed(market, { policies: none, sizes: [0.1], seed, learns: true }))),
);
const counts = tally.fills ?? new FillTable().counts;
const text = fillTableFile(counts, { market, name: 'bars/', days: 5, seeds: 2 });

function written(of: string): string {
  const file = join(folder, 'fills.json');
  writeFileSync(file, of);
  return file;
}

describe('the table of fills', () => {
  it('learns from bars that are over, whatever the policies', () => {
    expect(counts.seen.reduce((sum, one) => sum + one)).toBeGreaterThan(2_000);
    for (const [at, seen] of counts.seen.entries()) expect(counts.traded[at]).toBeLessThanOrEqual(seen);
  });

  it('says less the further a limit is and the shorter the time, on both sides, and 1 at the limit', () => {
    const { table } = readFillTable(written(text));
    const at = (ratio: number, left: number): number => table.within(ratio, 0.005, left);
    expect(at(1, 60)).toBe(1e9);
    expect(at(1.001, 60)).toBeGreaterThan(at(1.01, 60));
    expect(at(1.005, 240)).toBeGreaterThan(at(1.005, 60));
    expect(at(1.005, 60)).toBeGreaterThan(at(1.005, 5));
    expect(at(1.001, 0)).toBe(0);
  });

  it('is the same in its file, but for parts of a minute', () => {
    const { table, deviations } = readFillTable(written(text));
    const mean = new FillTable({
      seen: counts.seen.map((sum) => sum / 2),
      traded: counts.traded.map((sum) => sum / 2),
    });
    for (const left of TIMES)
      for (let cell = 0; cell < DISTANCES; cell += 1) {
        const ratio = Math.exp((cell + 0.5) * CELL * 0.005 * Math.sqrt(left / 60));
        const [one, other] = [table.within(ratio, 0.005, left), mean.within(ratio, 0.005, left)];
        expect(Math.abs(one - other) / 1e9).toBeLessThan(0.005);
      }
    expect([...deviations.keys()]).toEqual(['W0USD', 'W1USD', 'W2USD', 'W3USD']);
    expect(deviations.get('W3USD')).toBeGreaterThan(0.003);
  });

  it.each([
    ['what is no JSON', 'x', /fills\.json: it is not JSON/],
    [
      'a settings file',
      '{"type":"settings"}',
      /fills\.json: type is not "fill_table"; such a table is written by/,
    ],
    ['another version', text.replace('"version": 1', '"version": 2'), /fills\.json: version is not 1/],
    ['other times', text.replace('[5,15', '[6,15'), /fills\.json: minutesLeft is not \[5, 15, 30, 45, 60\]/],
    ['a row too few', text.replace(/"seen": \[\n.*\n/, '"seen": [\n'), /fills\.json: seen /],
    [
      'more fills than minutes',
      text.replace(/("traded": \[\n +\[)\d+/, '$199999'),
      /traded\.0\.0 is above seen/,
    ],
  ])('refuses %s, by file and field', (_what, of, message) => {
    expect(() => readFillTable(written(of))).toThrow(message);
  });

  it('refuses a file that is not there', () => {
    expect(() => readFillTable(join(folder, 'none.json'))).toThrow(
      /none\.json: cannot be read \(there is no such/,
    );
  });
});
