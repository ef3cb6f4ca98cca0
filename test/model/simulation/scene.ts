/**
 * The parts of a schedule: an account, its plans, the broker, and the actors with their access to ledger and
 * broker.
 */
import { pino } from 'pino';
import type { Broker, BrokerOrder } from '../../../src/broker/port.ts';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { filePlan } from '../../../src/ledger/commands/plans.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { type Ledger, ledgerOn } from '../../../src/ledger/ledger.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { ModelBroker } from './broker.ts';
import { brokerDoor, ledgerDoor, REQUEST_TIMEOUT_MS } from './doors.ts';
import { sellOut } from './exits.ts';
import { CAP_MICROS, COOLDOWN_MS, Judge } from './judge.ts';
import { Keeper, SYNC_MAX_AGE_MS } from './keeper.ts';
import { Server } from './server.ts';
import { type Plan, SEND_WITHIN_MS, watch } from './watcher.ts';
import { work } from './worker.ts';
import { type Life, World } from './world.ts';

/** A protocol that is broken on purpose. */
export type Mutant = {
  name: string;
  /** Where the search for a schedule that finds it begins: rare ones begin near one. */
  from?: number;
  /** A watcher believes any ledger that says that an order was never sent. */
  trusting?: boolean;
  inFlightMs?: number;
  /** The sender's own clock stands still. */
  frozen?: boolean;
  /** How often a submission waits before it leaves; default: as in any schedule. */
  stalled?: number;
  ledger?: (ledger: Ledger, actor: string) => Ledger;
  broker?: (broker: Broker, actor: string) => Broker;
};

export type Scene = {
  world: World;
  server: Server;
  broker: ModelBroker;
  judge: Judge;
  plans: readonly Plan[];
  actors: Map<string, Life>;
  restart: (name: string) => void;
  /** Its ledger is lost now and then. */
  losses: boolean;
};

const silent = pino({ level: 'silent' });
const rules = readSettings({
  WORK_STEALING_LEVERAGE: '1',
  WORK_STEALING_COOLDOWN: `${COOLDOWN_MS / 1000}`,
  WORK_STEALING_QUOTE_MAX_AGE: '3600',
  WORK_STEALING_PARTIAL: '1',
  WORK_STEALING_PARTIAL_MIN: '0.05',
}).settings;

export async function setUp(base: Ledger, account: string, seed: number, mutant?: Mutant): Promise<Scene> {
  const world = new World(seed);
  const server = await Server.of(world, ledgerOn(base.redis, account));
  const broker = new ModelBroker(world);
  const count = 4 + world.below(3);
  const plans: Plan[] = Array.from({ length: count }, (_, i) => {
    const [dollars, pnl, probe] = [
      200 + 20 * world.below(16),
      10 * (1 + world.below(20)),
      world.chance(0.15),
    ];
    return { id: `p${i}`, symbol: `S${i % (count - 1)}`, dollars, pnl, probe };
  });
  const judge = new Judge(world, server, broker, plans);
  const direct: Ledger = {
    ...server.ledger,
    run: (script, args) => server.run(script, args),
    serverId: async () => server.id,
  };
  await configure(direct, rules, SYNC_MAX_AGE_MS);
  for (const { id, symbol, dollars, pnl } of plans)
    await filePlan(direct, {
      ...{ id, symbol, side: 'buy', mode: 'normal', limit: '10', qty: `${dollars / 10}`, pnl: `${pnl}` },
      ...{ pool: '', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'simulation' },
    });
  broker.positions.set('HELD', 4_000_000_000n);
  await sync(direct, CAP_MICROS, world.nowMs, [
    { symbol: 'HELD', side: 'long', qty: '4', costMicros: 40_000_000, pool: '' },
  ]);
  await tick(
    direct,
    [...new Set(plans.map(({ symbol }) => symbol))].map((symbol) => ({
      symbol,
      price: world.chance(0.5) ? '10.02' : '10.3',
      ageMs: 0,
    })),
  );

  world.favourite = world.pick(['keeper', 'keeper', 'worker', 'p0', 'p1']) ?? '';
  const actors = new Map<string, Life>();
  let keeper: Keeper | undefined;
  const doorsOf = (life: Life) => {
    const [ledger, desk] = [
      ledgerDoor(world, server, life),
      brokerDoor(world, broker, life, mutant?.stalled),
    ];
    return {
      world,
      life,
      ledger: mutant?.ledger?.(ledger, life.name) ?? ledger,
      broker: mutant?.broker?.(desk, life.name) ?? desk,
      log: silent,
    };
  };
  const jobs = new Map<string, (life: Life) => Promise<void>>();
  const monotonicMs = (): number => (mutant?.frozen ? 0 : world.nowMs);
  for (const plan of plans)
    jobs.set(plan.id, async (life) => {
      const parts = { ...doorsOf(life), monotonicMs, trusting: mutant?.trusting === true };
      const attempt = await watch(parts, plan);
      if (attempt !== undefined) await sellOut(parts, plan, attempt);
    });
  for (const name of ['worker1', 'worker2']) jobs.set(name, (life) => work(doorsOf(life)));
  jobs.set('keeper', (life) => {
    const inFlightMs = mutant?.inFlightMs ?? SEND_WITHIN_MS + REQUEST_TIMEOUT_MS;
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
    world.items.push({
      kind: 'update',
      label,
      fromMs: world.nowMs,
      untilMs: Number.MAX_SAFE_INTEGER,
      apply,
      answer: undefined,
      fail: undefined,
    });
  });
  for (const name of jobs.keys()) restart(name);
  await world.settled();
  return { world, server, broker, judge, plans, actors, restart, losses: world.chance(0.5) };
}
