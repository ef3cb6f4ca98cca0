/** The scripts in lua/redis-cli are what `npm run inspect:assemble` makes of lua/inspect now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assemble, GENERATED, inspectScripts } from '../../lua/inspect/assemble.ts';

it.each(inspectScripts())('%s.lua is built from its current source', (name) => {
  expect(readFileSync(join(GENERATED, `${name}.lua`), 'utf8')).toBe(assemble(name));
});
