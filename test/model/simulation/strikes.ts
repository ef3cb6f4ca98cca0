/**
 * External events of a schedule between two deliveries: time, prices, fills, crashes, and loss of the ledger.
 */
import { tick } from '../../../src/ledger/commands/tick.ts';
import { ledgerDoor } from './doors.ts';
import type { Scene } from './scene.ts';

type Kept = { copy: Awaited<ReturnType<Scene['server']['copy']>>; memory: Scene['judge']['memory'] };
const kept = new WeakMap<Scene, Kept>();

export async function strike(scene: Scene): Promise<void> {
  const { world, broker, plans } = scene;
  // The worst failover: the new master lacks the mark of an order that was sent.
  if (scene.losses && world.items.some(({ label }) => label.includes(' submit ')) && world.chance(0.1))
    return await keep(scene);
  // Equally bad: the ledger is lost while an order is in flight.
  const underWay = world.items.some(({ label }) => label.includes('POST'));
  if (scene.losses && underWay && world.chance(0.02)) return await lose(scene);
  const chance = world.random.next();
  if (chance < 0.2) world.nowMs += world.below(400);
  else if (chance < 0.203) world.nowMs += world.below(20_000);
  else if (chance < 0.24) move(scene, world.pick(plans)?.symbol ?? '');
  else if (chance < 0.28) {
    const order = world.pick(broker.live());
    if (order) broker.fill(order.id, world.chance(0.4));
  } else if (chance < 0.283) {
    const order = world.pick(broker.live());
    if (order) broker.end(order.id, 'expired');
  } else if (chance < 0.293) crash(scene);
  else if (chance < 0.303 && scene.losses) await lose(scene);
}

function move({ world, server }: Scene, symbol: string): void {
  const price = world.chance(0.5) ? '10.02' : '10.3';
  world.start(
    'feed',
    async (life) =>
      void (await tick(ledgerDoor(world, server, life), [{ symbol, price, ageMs: 0 }]).catch(() => {})),
  );
}

function crash({ world, actors, restart }: Scene): void {
  const name = world.pick([...actors.keys()]) ?? '';
  const life = actors.get(name);
  if (!life) return;
  life.alive = false;
  world.log(`${name} crashes`);
  world.count('crash');
  restart(name);
}

async function lose(scene: Scene): Promise<void> {
  const chance = scene.world.random.next();
  if (chance < 0.5) await keep(scene);
  else if (chance < 0.75) await wipe(scene);
  else await failOver(scene);
}

async function keep(scene: Scene): Promise<void> {
  const { prices, stolenMs } = scene.judge.memory;
  kept.set(scene, {
    copy: await scene.server.copy(),
    memory: { prices: new Map(prices), stolenMs: new Map(stolenMs) },
  });
  scene.world.log('the ledger is copied');
}

/** The plans are gone with it: they are filed again, though whoever carried one may go on for a while. */
async function wipe({ world, server, judge, plans, actors, restart }: Scene): Promise<void> {
  await server.wipe();
  judge.lost = true;
  judge.memory = { prices: new Map(), stolenMs: new Map() };
  world.log('the ledger is wiped');
  world.count('wipe');
  for (const { id } of plans.filter(() => world.chance(0.5))) {
    const life = actors.get(id);
    if (life) life.alive = false;
    restart(id);
  }
}

/**
 * Another server takes over with what the last copy had; every connection is lost, and what was on its way on
 * it.
 */
async function failOver(scene: Scene): Promise<void> {
  const { world, server, judge } = scene;
  const before = kept.get(scene);
  if (!before) return;
  const id = `server-${Number(/\d+/.exec(server.id)?.[0]) + 1}`;
  await server.failOver(before.copy, id);
  judge.lost = true;
  judge.memory = { prices: new Map(before.memory.prices), stolenMs: new Map(before.memory.stolenMs) };
  world.log(`${id} takes over with an older copy`);
  world.count('failover');
  const cut = world.items.filter(({ kind }) => kind === 'ledger');
  world.items = world.items.filter(({ kind }) => kind !== 'ledger');
  for (const { fail } of cut) fail?.();
  await world.settled();
}
