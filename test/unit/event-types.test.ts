/** Every event that the ledger emits has a sentence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EVENT_TYPES } from '../../src/inspection/event-line.ts';
import { packageRoot } from '../../src/package-root.ts';

/** Types whose end is the value of a variable: a stage, an outcome. */
const MADE = ['plan_done', 'plan_withdrawn', 'plan_expired', 'steal_unused', 'steal_refused'];

it('every event of lua/ has a sentence, and no sentence is left over', () => {
  const folders = [join(packageRoot(), 'lua'), join(packageRoot(), 'lua', 'include')];
  const text = folders
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.lua'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const emitted = [...text.matchAll(/\bemit\('([a-z_]*[a-z])'/g)].map(([, type]) => type as string);
  expect([...new Set([...emitted, ...MADE])].sort()).toEqual([...EVENT_TYPES].sort());
});
