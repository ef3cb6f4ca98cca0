/**
 * Seeded schedules of the protocol: the product's own place, cancellation and reconciliation on the real
 * scripts, against a model broker in virtual time. Messages are lost, late or duplicated; processes crash;
 * Redis is wiped or fails over (docs/simulation.md). A failure prints its seed: SIMULATION_SEED starts from
 * it, SIMULATION_SCHEDULES sets how many.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { useRedis } from '../support/fixtures.ts';
import { MUTANTS } from './simulation/mutants.ts';
import { type Summary, simulate, told } from './simulation/run.ts';

const FIXED_SEED = 1;
const SEED = Number(process.env['SIMULATION_SEED'] ?? randomInt(2 ** 31));
const SCHEDULES = Number(process.env['SIMULATION_SCHEDULES'] ?? 60);
/**
 * In which a broken protocol must be found. Most take some dozens; the rarest two take hundreds on average,
 * so their search begins near a seed that finds them. A change of the product's requests moves that seed.
 */
const MOST_FOR_A_MUTANT = 4_000;
const LIMIT_MS = 60_000;

const redis = useRedis();
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger(redis.url, 'simulation');
});
afterAll(async () => {
  await ledger.close();
});

describe('schedules of faults', () => {
  const tally = new Map<string, number>();

  async function expectKept(seed: number): Promise<void> {
    const summary: Summary = await simulate(ledger, { seed, schedules: SCHEDULES });
    for (const [what, count] of summary.tally) tally.set(what, (tally.get(what) ?? 0) + count);
    expect(summary.failures.map(told).join('\n')).toBe('');
    expect(summary.schedules).toBe(SCHEDULES);
  }

  it('keep every promise and go the same way twice, from a fixed seed', { timeout: 2 * LIMIT_MS }, () =>
    expectKept(FIXED_SEED),
  );

  it('keep every promise and go the same way twice, from a fresh seed', {
    timeout: 2 * LIMIT_MS,
  }, async () => {
    process.stderr.write(`simulation: SIMULATION_SEED=${SEED}\n`);
    await expectKept(SEED);
  });

  it('go everywhere', () => {
    const places = [
      'lost',
      'reply lost',
      'reply delayed',
      'doubled',
      'given up',
      'crash',
      'wipe',
      'failover',
    ];
    const turns = [
      'a steal is granted',
      'a steal is failed',
      'fill during a cancel',
      'sold',
      'leases that ran out',
      'marks that ran out',
      'adopted',
      'rebuilt',
    ];
    for (const what of [...places, ...turns]) expect(tally.get(what) ?? 0, what).toBeGreaterThan(0);
  });
});

describe('a broken protocol is found', () => {
  it.each(MUTANTS)('$name', { timeout: 5 * LIMIT_MS }, async (mutant) => {
    const { failures, schedules } = await simulate(ledger, {
      seed: mutant.from ?? FIXED_SEED,
      schedules: MOST_FOR_A_MUTANT,
      mutant,
      once: true,
    });
    const [first] = failures;
    process.stderr.write(
      `simulation: "${mutant.name}" found in ${schedules} schedules, seed ${first?.seed}: ` +
        `${first?.violations[0]}\n`,
    );
    expect(failures.length).toBeGreaterThan(0);
  });
});
