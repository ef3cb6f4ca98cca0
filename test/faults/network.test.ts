/**
 * A bad network between one role and Redis or the broker during a steal (I4, I6, I7): cut, half-open, slow,
 * reset in the middle of an answer. Unanswered requests are sent again and applied once; the steal completes,
 * and no role dies.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { PATIENCE } from '../support/fleet.ts';
import { type OwnNetworks, openOwnNetworks, type Target } from '../support/own-networks.ts';
import type { Part, StealScene } from '../support/steal-scene.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { untypedErrors } from '../support/told-errors.ts';

/**
 * Longer than several ticks, renewals and reconciliations, and than a request to the broker may take (700
 * ms).
 */
const FAULT_MS = 800;
const PARTS: Part[] = ['victim', 'thief', 'worker', 'keeper'];
/** Both watchers: either may hold the plan of the thief. */
const ROLES: Record<string, Part[]> = {
  'the watchers': ['victim', 'thief'],
  'the worker': ['worker'],
  'the keeper': ['keeper'],
};
const TARGETS: Target[] = ['redis', 'broker'];
const WEATHER: [string, (way: TcpProxy) => void][] = [
  ['cut', (way) => way.cut()],
  ['half-open', (way) => way.stall()],
  ['reset in the middle of an answer, again and again', (way) => way.resetInReply(5)],
];

const redis = useRedis();
let networks: OwnNetworks | undefined;

function at(): OwnNetworks {
  if (networks === undefined) throw new Error('the networks are there only while a test runs');
  return networks;
}

afterAll(async () => {
  await networks?.close();
});
beforeEach(async () => {
  networks ??= await openOwnNetworks(redis);
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${networks?.scene.fleet.story() ?? ''}\n`);
  await networks?.close();
  networks = undefined;
});

async function ready(scene: StealScene): Promise<void> {
  await scene.fileWorse();
  await scene.worseIsFar();
  await scene.betterWaits();
}

async function endsRight(scene: StealScene, patience = PATIENCE): Promise<void> {
  await scene.expectRight(patience);
  await scene.withdraw();
  const parts = PARTS.map((part) => scene.part(part));
  expect(parts.filter(({ alive }) => !alive).map(({ name }) => name)).toEqual([]);
  expect(parts.flatMap(untypedErrors)).toEqual([]);
}

describe.each(Object.entries(ROLES))('a steal ends right though the way from %s', (_, parts) => {
  describe.each(TARGETS)('to %s', (target) => {
    it.each(WEATHER)('is %s', async (_what, weather) => {
      const { scene, way, heal } = at();
      await ready(scene);
      for (const part of parts) weather(way(part, target));
      scene.betterIsNear();
      await wait(FAULT_MS);
      heal();
      await endsRight(scene);
    });
  });
});

it('a steal ends right though everything that any role says or hears is late', async () => {
  const { scene, way, heal } = at();
  await ready(scene);
  for (const part of PARTS) for (const target of TARGETS) way(part, target).delay(100);
  scene.betterIsNear();
  await scene.expectRight();
  heal();
  await endsRight(scene);
});

/**
 * As where a router forgot them. Nothing is heard on them any more, and new ones work: whoever waits for a
 * word waits in vain.
 */
it('a steal ends right though all connections of all roles were forgotten on the way', {
  timeout: 90_000,
}, async () => {
  const { scene, way, heal } = at();
  await ready(scene);
  for (const part of PARTS) for (const target of TARGETS) way(part, target).forget();
  scene.betterIsNear();
  await endsRight(scene, { ...PATIENCE, timeout: 60_000 }); // each connection is found out when it is used
  heal();
});
