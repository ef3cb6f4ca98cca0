import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshAccount, startRedis, type TestRedis } from '../../support/redis.ts';

describe('the Redis that test files work on', () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  it('is the one that the environment names, where it names one', () => {
    const named = process.env['WORKSTEAL_TEST_REDIS_URL'] ?? process.env['REDIS_URL'];
    if (named !== undefined) expect(server.url).toBe(named);
    else expect(server.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  });

  it('gives every test an account of its own', async () => {
    const [one, other] = [freshAccount(), freshAccount()];
    await redis.hset(`ws:{${one}}:account`, 'generation', 1);
    expect(await redis.exists(`ws:{${other}}:account`)).toBe(0);
    await redis.del(`ws:{${one}}:account`);
  });
});
