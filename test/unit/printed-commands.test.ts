/** The command lines that README and the pages print: their programs, files and options exist. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { faultsOf, readBlocks, unmarkedBlocks } from '../support/printed-commands.ts';

const BLOCKS = readBlocks();

it.each(BLOCKS.map((block) => [block.where, block] as const))('%s', async (_where, { commands }) => {
  const faults = await Promise.all(commands.map(faultsOf));
  expect(faults.flat()).toEqual([]);
});

it('finds blocks', () => {
  expect(BLOCKS.length).toBeGreaterThan(15);
});

it('every block that holds a command says sh or console', () => {
  const pages = new Set([
    'README.md',
    'CONTRIBUTING.md',
    ...BLOCKS.map(({ where }) => where.split(':')[0] ?? ''),
  ]);
  const faults = [...pages].flatMap((page) =>
    unmarkedBlocks(readFileSync(join(packageRoot(), page), 'utf8')).map((command) => `${page}: ${command}`),
  );
  expect(faults).toEqual([]);
});

describe('what the check finds', () => {
  it.each([
    ['npx worksteal nothing', 'no command nothing'],
    ['npx worksteal status --nothing', "status: error: unknown option '--nothing'"],
    ['npm run nothing', 'no script nothing'],
    ['npm run faults -- --seconds 40 --nothing 1', 'faults: no option --nothing'],
    ["redis-cli --eval lua/redis-cli/status.lua 'ws:{demo}:account'", 'redis-cli without -u "$REDIS_URL"'],
    ['redis-cli -u "$REDIS_URL" --eval lua/nothing.lua x', 'no file lua/nothing.lua'],
  ])('%s', async (line, fault) => {
    expect(await faultsOf(line)).toEqual([fault]);
  });
});
