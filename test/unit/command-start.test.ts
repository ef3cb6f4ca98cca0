/** What a command loads before it does anything: it makes people wait. */
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.ts';
import { packageRoot } from '../../src/package-root.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { importedBy } from '../support/imported-by.ts';
import { PROGRAM } from '../support/program.ts';

const loadedBy = (...files: string[]): Map<string, string> =>
  new Map([...importedBy(files)].map(([path, text]) => [relative(packageRoot(), path), text]));

/** Each takes a command that has no need of it a tenth of a second or nearly that. */
const SLOW = /^import (?!type)[^;]* from '(node:https?|ws|luxon|fastify|bullmq|pino)'/m;

const slow = (loaded: Map<string, string>): string[] =>
  [...loaded].filter(([, text]) => SLOW.test(text)).map(([file]) => file);

describe('worksteal status', () => {
  it('loads no broker, no server, no queue and no time zones', () => {
    const loaded = loadedBy('src/cli/program.ts', 'src/cli/status.ts');
    expect([...loaded.keys()]).toEqual(
      expect.arrayContaining(['src/ledger/ledger.ts', 'src/json/status.ts']),
    );
    expect(slow(loaded)).toEqual([]);
    expect([...loaded.keys()].filter((file) => /^src\/(broker|fleet|http)\//.test(file))).toEqual([]);
  });
});

/** Prints what of Node a process has loaded when it ends, such as `net`. */
const PRINT_LOADED = `process.on('exit', () => {
  process._rawDebug(process.moduleLoadList.join().replaceAll('NativeModule ', ''));
});`;

/** What of Node `status` has loaded when it has found nobody at the address. */
function loadedOfNode(scheme: string): string[] {
  const args = ['--import', `data:text/javascript,${PRINT_LOADED}`, PROGRAM, 'status'];
  const env = { ...CHILD_ENV, REDIS_URL: `${scheme}://127.0.0.1:1` };
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  expect(status).toBe(EXIT.unavailable);
  return stderr.split(/[,\n]/);
}

it('a command loads of Node what it needs, and TLS only for an address that needs it', () => {
  const loaded = loadedOfNode('redis');
  expect(loaded).toContain('net');
  expect(loaded).not.toContain('tls');
  for (const unneeded of ['child_process', 'worker_threads', 'internal/crypto/webcrypto'])
    expect(loaded).not.toContain(unneeded);
  expect(loadedOfNode('rediss')).toContain('tls');
});

it('the search for unknown variables knows the names of a broker, and does not load it', () => {
  const loaded = loadedBy('src/fleet/unknown-variables.ts');
  expect([...loaded.keys()]).toContain('src/broker/alpaca/variables.ts');
  expect(slow(loaded)).toEqual([]);
  expect([...loaded.keys()]).not.toContain('src/broker/alpaca/alpaca.ts');
});

it('a role that needs one of them is found to load it', () => {
  expect(slow(loadedBy('workers/keep.ts'))).toContain('src/cancels/queue.ts');
});
