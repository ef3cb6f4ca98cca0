/** One schedule: an account, some plans, faults for a while, then quiet until ledger and broker agree. */
import { pino } from 'pino';
import type { Broker, BrokerOrder } from '../../../src/broker/port.ts';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { type Ledger, ledgerOn } from '../../../src/ledger/ledger.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { ModelBroker } from './broker.ts';
import { deliverOne } from './deliveries.ts';
import { brokerDoor, ledgerDoor, REQUEST_TIMEOUT_MS } from './doors.ts';
import { CAP_MICROS, COOLDOWN_MS, Judge } from './judge.ts';
import { Keeper, SYNC_MAX_AGE_MS } from './keeper.ts';
import { Server } from './server.ts';
import { LEASE_MS, type Plan, watch } from './watcher.ts';
import { work } from './worker.ts';
import { type Life, World } from './world.ts';
import { strike } from './strikes.ts';

/** A protocol that is broken on purpose. */
export type Mutant = {
  name: string;
  inFlightMs?: number;
  /** The sender's own clock stands still. */
  frozen?: boolean;
  ledger?: (ledger: Ledger, actor: string) => Ledger;
  broker?: (broker: Broker, actor: string) => Broker;
};

export type Outcome = { log: readonly string[]; violations: readonly string[]; tally: ReadonlyMap<string, number> };

/** All that a schedule is made of. */
export type Scene = {
  world: World;
  server: Server;
  broker: ModelBroker;
  judge: Judge;
  plans: readonly Plan[];
  actors: Map<string, Life>;
  restart: (name: string) => void;
};

const silent = pino({ level: 'silent' });
const QUIET_STEPS = 3_000;
const rules = readSettings({ WORK_STEALING_LEVERAGE: '1', WORK_STEALING_COOLDOWN: `${COOLDOWN_MS / 1000}`, WORK_STEALING_QUOTE_MAX_AGE: '3600' }).settings;

export async function runSchedule(base: Ledger, account: string, seed: number, mutant?: Mutant): Promise<Outcome> {
  const world = new World(seed);
  const server = new Server(world, ledgerOn(base.redis, account));
  const broker = new ModelBroker(world);
  const scene = await setUp(world, server, broker, mutant);
  const { judge } = scene;
  const events = 200 + world.below(300);
  const audits = new Set([world.below(events), world.below(events)]);
  for (let i = 0; i < events && world.violations.length === 0; i += 1) {
    await strike(scene);
    await deliverOne(world);
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
    if (i % 40 !== 39) continue;
    faults = await judge.differences();
    if (faults.length === 0) return await judge.audit();
  }
  for (const fault of faults) world.violate(`at the end: ${fault}`);
}

async function setUp(world: World, server: Server, broker: ModelBroker, mutant?: Mutant): Promise<Scene> {
  const plans: Plan[] = Array.from({ length: 4 + world.below(3) }, (_, i) => {
    const [dollars, pnl, probe] = [200 + 20 * world.below(16), 10 * (1 + world.below(20)), world.chance(0.15)];
    return { id: `p${i}`, symbol: `S${i}`, dollars, pnl, probe };
  });
  const judge = new Judge(world, server, broker, plans);
  const direct: Ledger = { ...server.ledger, run: (script, args) => server.run(script, args), serverId: async () => server.id };
  await configure(direct, rules, SYNC_MAX_AGE_MS);
  broker.positions.set('HELD', 4_000_000_000n);
  await sync(direct, CAP_MICROS, world.nowMs, [{ symbol: 'HELD', side: 'long', qty: '4', costMicros: 40_000_000, pool: '' }]);
  await tick(direct, plans.map(({ symbol }) => ({ symbol, price: world.chance(0.5) ? '10.02' : '10.3', ageMs: 0 })));

  const actors = new Map<string, Life>();
  let keeper: Keeper | undefined;
  const doorsOf = (life: Life) => {
    const [ledger, desk] = [ledgerDoor(world, server, life), brokerDoor(world, broker, life)];
    return { world, life, ledger: mutant?.ledger?.(ledger, life.name) ?? ledger, broker: mutant?.broker?.(desk, life.name) ?? desk, log: silent };
  };
  const jobs = new Map<string, (life: Life) => Promise<void>>();
  const monotonicMs = (): number => (mutant?.frozen ? 0 : world.nowMs);
  for (const plan of plans) jobs.set(plan.id, (life) => watch({ ...doorsOf(life), monotonicMs }, plan));
  for (const name of ['worker1', 'worker2']) jobs.set(name, (life) => work(doorsOf(life)));
  jobs.set('keeper', (life) => {
    const inFlightMs = mutant?.inFlightMs ?? LEASE_MS + REQUEST_TIMEOUT_MS;
    keeper = new Keeper({ ...doorsOf(life), rules, inFlightMs });
    return keeper.run();
  });
  const restart = (name: string): void => {
    const job = jobs.get(name);
    if (job) actors.set(name, world.start(name, job));
  };
  broker.updates.push((order: BrokerOrder) => {
    const label = `update ${order.id} ${order.state} ${order.filledQty}`;
    const apply = (): void => keeper?.take(order);
    world.items.push({ kind: 'update', label, fromMs: world.nowMs, untilMs: Number.MAX_SAFE_INTEGER, apply, answer: undefined, fail: undefined });
  });
  for (const name of jobs.keys()) restart(name);
  await world.settled();
  return { world, server, broker, judge, plans, actors, restart };
}
