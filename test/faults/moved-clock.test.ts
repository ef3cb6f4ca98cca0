/**
 * A Redis whose wall clock a test can move while it runs: the clock is off for the requested time, then right
 * again.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverBinary } from '../../src/redis/open.ts';
import { type FaultyRedis, startFaultyRedis } from '../support/faulty-redis.ts';

const HOUR_S = 3_600;
const MINUTE_MS = 60_000;

let redis: FaultyRedis;
beforeAll(async () => {
  const { path } = await serverBinary(process.env, { info: () => {}, warn: () => {} });
  redis = await startFaultyRedis({ binary: path, hasOwnClock: true });
});
afterAll(() => redis.close());

const aheadMs = async (): Promise<number> => 1_000 * Number((await redis.admin.time())[0]) - Date.now();

it.each([HOUR_S, -HOUR_S])('is %d s ahead for a while', async (seconds) => {
  expect(redis.hasOwnClock).toBe(true);
  expect(Math.abs(await aheadMs())).toBeLessThan(MINUTE_MS);
  const moved = redis.clockOff(seconds, 1_000);
  await expect
    .poll(async () => Math.abs((await aheadMs()) - 1_000 * seconds), { timeout: 60_000 })
    .toBeLessThan(MINUTE_MS);
  await moved;
  expect(Math.abs(await aheadMs())).toBeLessThan(MINUTE_MS);
});
