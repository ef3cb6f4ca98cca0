/** Whoever reads an answer may stop reading it (`| head`). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CHILD_ENV } from '../support/child-env.ts';
import { PROGRAM } from '../support/program.ts';

it.each([
  ['an answer', ['config', '--json'], 0],
  ['an error', ['evaluate', '/nowhere/bars', '--json'], 2],
])('%s that nobody reads ends without a word', async (_what, args, code) => {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: CHILD_ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (part) => {
    said += String(part);
  });
  expect(await once(child, 'close')).toEqual([code, null]);
  expect(said).toBe('');
});
