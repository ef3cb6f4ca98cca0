/**
 * How the ledger's commands call Redis: by commands that lua/include/writes.lua and this test list, and with
 * texts. Redis formats a number of Lua as a double, which takes as long as ten fields of a hash.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const READS = new Set(
  (
    'EXISTS GET HEXISTS HGET HGETALL HKEYS HLEN HMGET HSCAN INFO LRANGE PTTL SCAN SCARD SISMEMBER SMEMBERS ' +
    'SSCAN TIME TYPE XRANGE ZCARD ZCOUNT ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ' +
    'ZREVRANGEBYSCORE ZSCORE'
  ).split(' '),
);

const folders = [join(packageRoot(), 'lua'), join(packageRoot(), 'lua', 'include')];
const textsOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));

it('each command is a read of this list, or a write of that one', () => {
  const called = new Set(
    folders
      .flatMap(textsOf)
      .flatMap((text) =>
        [...text.matchAll(/redis\.p?call\(\s*'([A-Z]+)'/g)].map(([, name]) => name as string),
      ),
  );
  const writes = readFileSync(join(packageRoot(), 'lua/include/writes.lua'), 'utf8');
  const listed = [...writes.matchAll(/\b([A-Z]{2,}) = true/g)].map(([, name]) => name as string);
  expect([...called].filter((name) => !READS.has(name)).sort()).toEqual(listed.sort());
});

it('no command is chosen at run time', () => {
  const chosen = folders
    .flatMap(textsOf)
    .flatMap((text) => text.match(/redis\.p?call\((?!\s*')[^\n]*/g) ?? []);
  expect(chosen).toEqual([]);
});

it('no number is written into a call', () => {
  const numbers = folders
    .flatMap(textsOf)
    .flatMap((text) => text.match(/redis\.p?call\((?:[^()]|\([^()]*\))*?, -?\d+(?=[,)])/g) ?? []);
  expect(numbers).toEqual([]);
});
