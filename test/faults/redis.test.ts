/**
 * Real faults of Redis during a steal (I2, I6, I9): it restarts, does not answer, or accepts no writes.
 * Nothing is half done, no role dies, every logged error is a WorkstealError, and the steal completes.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serverBinary } from '../../src/redis/open.ts';
import { type FaultyRedis, startFaultyRedis } from '../support/faulty-redis.ts';
import { type Part, StealScene } from '../support/steal-scene.ts';
import { untypedErrors } from '../support/told-errors.ts';

/** Longer than several ticks, renewals and reconciliations. */
const FAULT_MS = 500;
const PARTS: Part[] = ['victim', 'thief', 'worker', 'keeper'];

let redis: FaultyRedis;
let scene: StealScene | undefined;

function at(): StealScene {
  if (scene === undefined) throw new Error('a scene is there only while a test runs');
  return scene;
}

beforeAll(async () => {
  const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
  redis = await startFaultyRedis({ binary: path });
});
afterAll(async () => {
  await scene?.close();
  await redis.close();
});
beforeEach(async () => {
  if (scene !== undefined) return;
  scene = await StealScene.open(redis.url, { cancelDelay: 100 });
  scene.start('thief');
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${scene?.fleet.story() ?? ''}\n`);
  await scene?.close();
  scene = undefined;
});

/** The next steal is about to happen: all it waits for is the price of the better plan. */
async function ready(): Promise<void> {
  await at().fileWorse();
  await at().worseIsFar();
  await at().betterWaits();
}

async function endsRight(): Promise<void> {
  await at().expectRight();
  await at().withdraw();
  const parts = PARTS.map((part) => at().part(part));
  expect(parts.filter(({ alive }) => !alive).map(({ name }) => name)).toEqual([]);
  expect(parts.flatMap(untypedErrors)).toEqual([]);
}

const CASES: [string, () => Promise<unknown>][] = [
  ['is killed and starts again from its file', () => redis.restart()],
  ['cannot write its file: -MISCONF', () => redis.diskFull(FAULT_MS)],
  ['has no memory left: -OOM', () => redis.full(FAULT_MS)],
  ['restarts and is loading for a while: -LOADING', () => redis.loading(FAULT_MS)],
  ['is a replica for a while: -READONLY', () => redis.readOnly(FAULT_MS)],
  ['is busy with a script of somebody else: -BUSY', () => redis.busy(FAULT_MS)],
  ['is slow', () => redis.slow(FAULT_MS)],
  ['is stopped and goes on', () => redis.stop(FAULT_MS)],
  ['forgets the scripts', () => redis.scriptFlush()],
];

describe('a steal ends right though Redis', () => {
  it.each(CASES)('%s, while the thief tries to enter', async (_, fault) => {
    await ready();
    const healed = fault();
    at().betterIsNear();
    await healed;
    await endsRight();
  });

  it.each(CASES)('%s, between its commit and its settlement', async (_, fault) => {
    await ready();
    at().betterIsNear();
    await at().cancelRequested();
    await fault();
    await endsRight();
  });
});
