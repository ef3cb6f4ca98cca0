/** The product decides every example of docs/rules.md as the page says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/ledger/what-if/decide.ts';
import { readScenario } from '../../src/ledger/what-if/scenario.ts';
import { openScratchAccounts, type ScratchAccounts } from '../../src/ledger/what-if/scratch.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { entryRule } from '../../src/rules/tolerance.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Example, readClockRows, readExamples, scenarioOf, settingsOf } from '../support/rules-page.ts';

const EXAMPLES = readExamples();
const named = (examples: Example[]): [string, Example][] =>
  examples.map((example) => [`${example.rule} (line ${example.line}): ${example.expected}`, example]);

const redis = useRedis();
let scratch: ScratchAccounts;
let accounts = 0;

beforeAll(async () => {
  scratch = await openScratchAccounts(redis.url);
});

afterAll(async () => {
  await scratch.clear();
  await scratch.close();
});

describe('an example about an order is what the ledger decides', () => {
  it.each(named(EXAMPLES.filter((example) => scenarioOf(example) !== null)))('%s', async (_name, example) => {
    const scenario = readScenario(scenarioOf(example));
    const { reason, victims, wouldVictims, kept } = await decide(scratch.account(accounts++), scenario);
    const keeps = (id: string): string =>
      (kept ?? [])
        .filter(({ order }) => order === id)
        .map(({ qty }) => ` (keeps ${qty})`)
        .join();
    const taken = (wouldVictims ?? victims).map((id) => id + keeps(id));
    expect(taken.length === 0 ? reason : `${reason}: ${taken.join(', ')}`).toBe(example.expected);
  });
});

describe('an example about settings is what a process says at its start', () => {
  it.each(named(EXAMPLES.filter((example) => scenarioOf(example) === null)))('%s', (_name, example) => {
    expect(startWith(settingsOf(example))).toBe(example.expected);
  });
});

function startWith(env: Record<string, string>): string {
  try {
    return readSettings(env).warnings.length > 0 ? 'starts with a warning' : 'starts';
  } catch {
    return 'does not start';
  }
}

describe('a row of the table of instants is what the entry rule says', () => {
  it.each(readClockRows().map((row) => [new Date(row.atMs).toISOString(), row] as const))(
    '%s',
    (_at, row) => {
      const question = { nowMs: row.atMs, symbol: row.symbol, rank: row.rank };
      const entry = entryRule(question, readSettings({}).settings, new MarketCalendar());
      const { nyseOpen: open, tolerance, forceImmediate: atOnce } = entry;
      expect({ open, tolerance, atOnce }).toEqual({
        open: row.open,
        tolerance: row.tolerance,
        atOnce: row.atOnce,
      });
    },
  );
});

it('has examples and rows to check', () => {
  expect(EXAMPLES.length).toBeGreaterThan(40);
  expect(readClockRows().length).toBeGreaterThan(5);
});
