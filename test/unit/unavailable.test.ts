/** What is said of a Redis that does not answer. */
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { unavailable } from '../../src/ledger/answer.ts';

const gone = new Error('connect ECONNREFUSED');

function told(options: object): string {
  return unavailable('tick', gone, { options } as Redis).message;
}

it('names the server', () => {
  expect(told({ host: '10.0.0.7', port: 6380 })).toMatch(/^tick: Redis at 10\.0\.0\.7:6380: /);
});

it('names no server where a connector finds it: behind Sentinels and in a Cluster', () => {
  expect(told({ host: 'localhost', port: 6379, Connector: class {} })).toMatch(/^tick: Redis: /);
});
