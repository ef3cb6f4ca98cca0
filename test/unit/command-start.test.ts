/** What a command loads before it does anything: it makes people wait. */
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { importedBy } from '../support/imported-by.ts';

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

it('the search for unknown variables knows the names of a broker, and does not load it', () => {
  const loaded = loadedBy('src/fleet/unknown-variables.ts');
  expect([...loaded.keys()]).toContain('src/broker/alpaca/variables.ts');
  expect(slow(loaded)).toEqual([]);
  expect([...loaded.keys()]).not.toContain('src/broker/alpaca/alpaca.ts');
});

it('a role that needs one of them is found to load it', () => {
  expect(slow(loadedBy('workers/keep.ts'))).toContain('src/cancels/queue.ts');
});
