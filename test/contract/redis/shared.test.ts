import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/redis/connect.ts';
import { useRedis } from '../../support/fixtures.ts';
import { freshAccount } from '../../support/redis.ts';

describe('the Redis that test files work on', () => {
  const server = useRedis();

  it('is the one that the environment names, where it names one', () => {
    const named = process.env['WORKSTEAL_TEST_REDIS_URL'] ?? process.env['REDIS_URL'];
    if (named !== undefined) expect(server.url).toBe(named);
    else expect(server.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
  });

  it('gives every test an account of its own', async () => {
    const [one, other] = [freshAccount(), freshAccount()];
    const connections = [connect(server.url, one), connect(server.url, other)] as const;
    onTestFinished(() => {
      for (const redis of connections) redis.disconnect();
    });
    await connections[0].hset(`ws:{${one}}:account`, 'generation', 1);
    expect(await connections[1].exists(`ws:{${other}}:account`)).toBe(0);
    await connections[0].del(`ws:{${one}}:account`);
  });
});
