/** The inspections have words for every refusal (lua/inspect/include/refusal-words.lua). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/domain/outcome.ts';
import { packageRoot } from '../../src/package-root.ts';

/** These leave no refusal on record (lua/include/refusals.lua). */
const NOT_RECORDED = ['invalid', 'lock_lost'];

it.each(['refusal-words', 'why-reasons'])('%s has each refusal that is kept on record', (name) => {
  const text = readFileSync(join(packageRoot(), 'lua/inspect/include', `${name}.lua`), 'utf8');
  const named = [...text.matchAll(/^ {2}([a-z_]+) = /gm)].map(([, word]) => word);
  expect(named.sort()).toEqual(REFUSALS.filter((reason) => !NOT_RECORDED.includes(reason)).sort());
});
