import { describe, expect, it } from 'vitest';
import { readFleetSettings } from '../../../src/fleet/fleet-settings.ts';
import { endpointsOf, readAddress } from '../../../src/redis/address.ts';
import { connect } from '../../../src/redis/connect.ts';

const open = { username: undefined, password: undefined, tls: false };

describe('an address of Redis', () => {
  it.each(['redis://h', 'redis://h:6379', 'rediss://u:p@h:6379/2', 'redis://[::1]:6379'])(
    '%s is one server',
    (url) => {
      expect(readAddress(url)).toEqual({ kind: 'server', url });
    },
  );

  it('names Sentinels and the master that they know', () => {
    expect(readAddress('redis+sentinel://a,b:26380,[::1]:26381/my-master')).toEqual({
      ...{ kind: 'sentinel', master: 'my-master', sentinelAuth: false, ...open },
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_380 },
        { host: '::1', port: 26_381 },
      ],
    });
  });

  it('names nodes of a Cluster, with user, password and TLS', () => {
    expect(readAddress('rediss+cluster://me:p%40s%2Fs@10.0.0.1:7000,node-2.example.com')).toEqual({
      ...{ kind: 'cluster', username: 'me', password: 'p@s/s', tls: true },
      nodes: [
        { host: '10.0.0.1', port: 7_000 },
        { host: 'node-2.example.com', port: 6_379 },
      ],
    });
  });

  it('says whether the Sentinels ask for the same password', () => {
    expect(readAddress('redis+sentinel://:pw@a/m?sentinel_auth=1')).toMatchObject({
      sentinelAuth: true,
      password: 'pw',
      username: undefined,
    });
  });

  it.each([
    ['', 'must look like redis://'],
    ['http://a', 'must look like redis://'],
    ['redis+proxy://a', 'redis+sentinel://[user:password@]host:26379'],
    ['redis+sentinel://', 'host number 1 is not host'],
    ['redis+sentinel://a:1,b:2', 'missing or invalid master name'],
    ['redis+sentinel://a:1/two words', 'missing or invalid master name'],
    ['redis+sentinel://a:1/m?db=1', 'the only option after the ? is sentinel_auth=1'],
    ['redis+cluster://a:0', 'host number 1 is not host'],
    ['redis+cluster://a:65536', 'host number 1 is not host'],
    ['redis+cluster://a,,b', 'host number 2 is not host'],
    ['redis+cluster://a b', 'host number 1 is not host'],
    ['redis+cluster://a/1', 'a Cluster has neither a database number nor a name'],
    ['redis+cluster://a?x', 'a Cluster has no options'],
    [
      `redis+cluster://${Array.from({ length: 65 }, (_, i) => `h${i}`).join()}`,
      'it has 65 hosts; at most 64',
    ],
  ])('can not be %s', (url, why) => {
    expect(() => readAddress(url)).toThrow(
      expect.objectContaining({ code: 'settings', message: expect.stringContaining(why) }),
    );
  });

  it.each([
    'redis+cluster://me:TOPSECRET@a:0',
    'redis+cluster://me:TOP%SECRET@a',
    'redis+sentinel://me:TOPSECRET@a',
    'redis+sentinel://TOPSECRET:TOPSECRET@a/b/c',
    'redis+sentinel://me:TOPSECRET@c:x/m',
    'redis+cluster://me:TOPSECRET',
    'redis:TOPSECRET@a',
    'rediss+cluster:me:TOPSECRET@a',
  ])('tells no password where it is none: %s', (url) => {
    const said: string[] = [endpointsOf(url)];
    for (const attempt of [
      () => readAddress(url),
      () => connect(url, 'main'),
      () => readFleetSettings({ REDIS_URL: url }),
    ]) {
      try {
        attempt();
      } catch (error) {
        said.push(String(error), JSON.stringify(error));
      }
    }
    expect(said).toHaveLength(7);
    expect(said.join(' ')).not.toMatch(/TOP/);
  });

  it('is told without its password', () => {
    expect(endpointsOf('redis://u:pw@h:6379/1')).toBe('h:6379');
    expect(endpointsOf('rediss+cluster://u:pw@a:1,b:2')).toBe('a:1,b:2');
    expect(endpointsOf('redis+sentinel://u:pw@a:1,[::1]:2/main')).toBe('a:1,[::1]:2/main');
  });

  it('is a setting of the fleet, whose fault is listed with the others', () => {
    const url = 'redis+cluster://a:1,b:2';
    expect(readFleetSettings({ REDIS_URL: url }).redisUrl).toBe(url);
    expect(() => readFleetSettings({ REDIS_URL: 'redis+cluster://a:0', WORKSTEAL_SYNC_MS: '1' })).toThrow(
      /REDIS_URL: host number 1 is not host\[:port\]; it must look like redis\+cluster:.*\n.*_SYNC_MS/,
    );
  });
});
