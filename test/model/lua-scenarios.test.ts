/** The public scenarios, and regression scenarios, on the ledger itself. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExactly } from '../../src/cli/decide/read.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { decide as decideByLua } from '../../src/ledger/what-if/decide.ts';
import { readScenario } from '../../src/ledger/what-if/scenario.ts';
import { openScratchAccounts, type ScratchAccounts } from '../../src/ledger/what-if/scratch.ts';
import { useRedis } from '../support/fixtures.ts';
import type { Scenario as ModelScenario } from '../support/scenario.ts';
import { decide as decideByModel } from './decide.ts';

type Raw = { id: string; expect: object };

function read(file: string): Raw[] {
  return parseExactly(readFileSync(new URL(`../scenarios/${file}`, import.meta.url), 'utf8')) as Raw[];
}

const PUBLIC = read('decisions.json');
const REGRESSIONS = read('regressions.json');

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

describe('the ledger decides as the scenario expects, and stays sound', () => {
  it.each([...PUBLIC, ...REGRESSIONS].map((raw) => [raw.id, raw] as const))('%s', async (_id, raw) => {
    const ledger = scratch.account(accounts++);
    const { numbers: _numbers, ...decision } = await decideByLua(ledger, readScenario(raw));
    expect(decision).toEqual(raw.expect);
    expect((await audit(ledger))?.faults).toEqual([]);
  });
});

describe('the reference model agrees where the ledger once was wrong', () => {
  it.each(REGRESSIONS.map((raw) => [raw.id, raw] as const))('%s', (_id, raw) => {
    const { numbers: _numbers, ...decision } = decideByModel(raw as unknown as ModelScenario);
    expect(decision).toEqual(raw.expect);
  });
});
