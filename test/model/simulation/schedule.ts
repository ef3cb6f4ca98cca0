/** One schedule: a period of faults, then quiet until ledger and broker agree. */
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { deliverOne } from './deliveries.ts';
import { type Mutant, type Scene, setUp } from './scene.ts';
import { strike } from './strikes.ts';

export type Outcome = {
  log: readonly string[];
  violations: readonly string[];
  tally: ReadonlyMap<string, number>;
};

const QUIET_STEPS = 3_000;
const LOOK_EVERY = 20;

export async function runSchedule(
  base: Ledger,
  account: string,
  seed: number,
  mutant?: Mutant,
): Promise<Outcome> {
  const scene = await setUp(base, account, seed, mutant);
  const { world, server, judge } = scene;
  const events = 100 + world.below(scene.losses ? 300 : 120);
  const audits = new Set([world.below(events), world.below(events)]);
  for (let i = 0; i < events && world.violations.length === 0; i += 1) {
    await strike(scene);
    await deliverOne(world);
    await judge.counts();
    await judge.countsEnough();
    if (audits.has(i)) await judge.audit();
  }
  await quieten(scene);
  for (const life of scene.actors.values()) life.alive = false;
  await server.wipe();
  return { log: world.lines, violations: world.violations, tally: world.tally };
}

async function quieten({ world, judge, actors, restart }: Scene): Promise<void> {
  world.calm = true;
  world.log('quiet');
  for (const name of actors.keys()) if (!actors.get(name)?.alive) restart(name);
  let faults: string[] = [];
  for (let i = 0; i < QUIET_STEPS && world.violations.length === 0; i += 1) {
    await deliverOne(world);
    if (i % LOOK_EVERY !== LOOK_EVERY - 1) continue;
    faults = await judge.differences();
    if (faults.length === 0) return await judge.audit();
  }
  for (const fault of faults) world.violate(`at the end: ${fault}`);
}
