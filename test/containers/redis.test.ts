import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/redis/open.ts';
import { startRedis } from '../support/redis.ts';
import { type ContainerRedis, startRedisContainer } from './redis-container.ts';

describe('Redis in a container', () => {
  let container: ContainerRedis;
  beforeAll(async () => {
    container = await startRedisContainer();
  });
  afterAll(() => container.close());

  it('answers, and is taken by REDIS_URL as a server that is not ours', async () => {
    const warnings: string[] = [];
    const log = { info: (): void => {}, warn: (message: string): void => void warnings.push(message) };
    const opened = await openRedis({ env: { REDIS_URL: container.url }, log });
    expect(opened.owned).toBe(false);
    expect(warnings).toEqual([]);
    const redis = new Redis(opened.url);
    try {
      expect(await redis.ping()).toBe('PONG');
    } finally {
      redis.disconnect();
    }
  });

  it('is what the shared suites work on here', async () => {
    const shared = await startRedis();
    expect(shared.url).toBe(process.env['WORKSTEAL_TEST_REDIS_URL']);
    const redis = new Redis(shared.url);
    try {
      expect(await redis.info('server')).toMatch(/process_id:1\r/);
    } finally {
      redis.disconnect();
      await shared.close();
    }
  });
});
