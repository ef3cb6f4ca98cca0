/**
 * The rules of accounts live once, in Lua; the reference model is docs/rules.md once more, written
 * independently; the kernel (src/kernel) decides in replays. All three must agree on every decision (I3),
 * and the ledger must be sound after each (I2, by `audit`).
 *
 * Another seed: WORKSTEAL_SEED=n; more or fewer decisions: WORKSTEAL_DECISIONS=n.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { audit } from '../../src/ledger/commands/audit.ts';
import { type Decision, decide as decideByLua } from '../../src/ledger/what-if/decide.ts';
import { readScenario } from '../../src/ledger/what-if/scenario.ts';
import { openScratchAccounts, type ScratchAccounts } from '../../src/ledger/what-if/scratch.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import type { Scenario } from '../support/scenario.ts';
import { scenarios } from './arbitrary.ts';
import { decide as decideByModel, type Kept } from './decide.ts';
import { decideByKernel } from './kernel.ts';

const DECISIONS = Number(process.env['WORKSTEAL_DECISIONS'] ?? 20_000);
const SEED = Number(process.env['WORKSTEAL_SEED'] ?? 20_261_122);
const SERVERS = 2;
const TOGETHER = 100;
const AUDIT_EVERY = 20;
const CLEAR_EVERY = 2_000;
const LIMIT_MS = 300_000;

type Answer = {
  admitted: boolean;
  victims: string[];
  reason: string;
  wouldVictims?: string[];
  kept?: Kept[];
  wouldKeep?: Kept[];
  /** Symbols whose fight with the thief's starts, in the order in which they were come upon. */
  fought?: string;
  need?: number;
  room?: number;
  ownRoom?: number;
};

/**
 * What the model says, in the ledger's terms: the room that a `fits` or `stolen` reports is what is left
 * after it.
 */
function expected(scenario: Scenario): Answer {
  const { numbers, ...answer } = decideByModel(scenario);
  if (numbers === null) return answer;
  const need = numbers.needMicros;
  const left = (room: number): number => (answer.admitted ? room - Math.min(need, Math.max(0, room)) : room);
  const pool = scenario.attempt.pool === 'total' ? undefined : scenario.attempt.pool;
  const own = pool === undefined || pool === 'total' ? undefined : numbers.roomByPoolMicros[pool];
  return {
    ...answer,
    need,
    room: left(numbers.roomMicros),
    ...(own !== undefined && { ownRoom: left(own) }),
  };
}

function told({ numbers, ...answer }: Decision): Answer {
  if (answer.reason === 'invalid') return answer;
  const own = numbers['pool_room_micros'];
  const [need, room] = [Number(numbers['need_micros']), Number(numbers['room_micros'])];
  return { ...answer, need, room, ...(own !== undefined && { ownRoom: Number(own) }) };
}

/** What the kernel says. Not every reply of the ledger tells the fights that it starts. */
function ofKernel(scenario: Scenario, { numbers }: Decision): Answer {
  const { fought = [], ...answer } = decideByKernel(scenario);
  return { ...answer, fought: numbers['would_fight'] === undefined ? '' : fought.join(';') };
}

/** As `worksteal decide` takes it: with what the model expects. */
function readyForDecide(scenario: Scenario): string {
  const { numbers: _numbers, ...expect } = decideByModel(scenario);
  return JSON.stringify({ ...scenario, expect });
}

describe('the ledger, the reference model and the kernel', () => {
  /** Lua takes most of the time, and a Redis runs it on one core. */
  const servers: { redis: TestRedis; scratch: ScratchAccounts }[] = [];
  let accounts = 0;

  beforeAll(async () => {
    for (let i = 0; i < SERVERS; i++) {
      const redis = await startRedis();
      servers.push({ redis, scratch: await openScratchAccounts(redis.url) });
    }
  });

  afterAll(async () => {
    for (const { redis, scratch } of servers) {
      await scratch.clear();
      await scratch.close();
      await redis.close();
    }
  });

  /** Undefined when they agree, else what differs. */
  async function difference(
    scenario: Scenario,
    audited: boolean,
  ): Promise<Record<string, unknown> | undefined> {
    const index = accounts++;
    const ledger = (servers[index % SERVERS] as (typeof servers)[number]).scratch.account(index);
    const model = expected(scenario);
    let decision: Decision;
    try {
      decision = await decideByLua(ledger, readScenario(scenario));
    } catch (error) {
      return { lua: String(error), model };
    }
    const lua = told(decision);
    if (!same(lua, model)) return { lua, model };
    const inMemory = ofKernel(scenario, decision);
    const { need: _need, room: _room, ownRoom: _own, ...answer } = lua;
    const ledgers = { ...answer, fought: decision.numbers['would_fight'] ?? '' };
    if (!same(inMemory, ledgers)) return { lua: ledgers, kernel: inMemory };
    const faults = audited ? ((await audit(ledger))?.faults ?? []) : [];
    return faults.length > 0 ? { lua: { faults }, model: { faults: [] } } : undefined;
  }

  it(
    `agree on ${DECISIONS} random decisions (seed ${SEED})`,
    async () => {
      const batches = Math.ceil(DECISIONS / TOGETHER);
      for (let batch = 0; batch < batches; batch++) {
        const made = fc.sample(scenarios, { numRuns: TOGETHER, seed: SEED + batch });
        const differences = await Promise.all(
          made.map((scenario, at) => difference(scenario, (batch * TOGETHER + at) % AUDIT_EVERY === 0)),
        );
        if (differences.some((found) => found !== undefined)) await shrink(SEED + batch);
        if ((batch * TOGETHER) % CLEAR_EVERY === 0) for (const { scratch } of servers) await scratch.clear();
      }
    },
    LIMIT_MS,
  );

  /** Goes over a batch once more, one by one, down to the smallest scenario that still differs. */
  async function shrink(seed: number): Promise<void> {
    const differs = fc.asyncProperty(scenarios, async (scenario) => {
      const found = await difference(scenario, true);
      if (found === undefined) return;
      throw new Error(`${JSON.stringify(found)}\n\nfor \`worksteal decide\`:\n${readyForDecide(scenario)}\n`);
    });
    await fc.assert(differs, { seed, numRuns: TOGETHER });
    throw new Error(
      `a difference in the batch of seed ${seed} did not come again when its scenarios were decided ` +
        'one by one',
    );
  }
});

function same(one: Answer, other: Answer): boolean {
  const sorted = (answer: Answer): string =>
    JSON.stringify(Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}
