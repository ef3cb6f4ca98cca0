/**
 * The key argument of a script, as a person may pass it in redis-cli: anything but one account's key is
 * refused, and nothing is written.
 */
import type { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { scriptNames, scriptText } from '../../../src/ledger/scripts.ts';
import { connect } from '../../../src/redis/connect.ts';
import { configureArguments } from '../../support/configure-arguments.ts';
import { useRedis } from '../../support/fixtures.ts';
import { freshAccount } from '../../support/redis.ts';

const redis = useRedis();
/** By what decides the slot: on a Cluster each key is refused by the node that holds it. */
const clients = new Map<string, Redis>();
afterAll(async () => {
  for (const client of clients.values()) client.disconnect();
});

function clientOf([key = '']: readonly string[]): Redis {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  const client = clients.get(tag) ?? connect(redis.url, tag);
  clients.set(tag, client);
  return client;
}

/** A word that stands in every key here, so that what was written can be found. */
const word = freshAccount('stray');
const RIGHT = `ws:{${word}}:account`;
const WRONG: readonly string[][] = [
  [],
  [''],
  [word],
  [`${word}:account`],
  [`ws:${word}:account`],
  [`ws:{${word}}:accounts`],
  [`ws:{${word}}:order:a`],
  [`ws:{${word}}x:account`],
  [`ws:{}${word}:account`],
  [`ws:{${word} a}:account`],
  [`ws:{${word}*}:account`],
  [`ws:{{${word}}}:account`],
  [`ws:{${word}${'x'.repeat(64)}}:account`],
  [`x${RIGHT}`],
  [`${RIGHT}\n`],
  [`${RIGHT}\0`],
  [RIGHT, RIGHT],
  [RIGHT, `ws:{${word}}:mutex`],
];

describe('a wrong account key', () => {
  it.each(scriptNames())('of %s is refused', async (command) => {
    // `configure` makes an account where there is none, so its arguments are right.
    const args = command === 'configure' ? await configureArguments() : ['a', 'b'];
    for (const keys of WRONG) {
      const answer = await clientOf(keys).eval(scriptText(command), keys.length, ...keys, ...args);
      expect(answer, JSON.stringify(keys)).toEqual([
        ...[
          'invalid',
          'field',
          'KEYS',
          'value',
          (keys.length === 1 ? (keys[0] ?? '') : `${keys.length} keys`).slice(0, 64),
        ],
        ...['expected', 'one key, ws:{account}:account'],
      ]);
    }
    for (const client of clients.values()) expect(await client.keys(`*${word}*`)).toEqual([]);
  });
});
