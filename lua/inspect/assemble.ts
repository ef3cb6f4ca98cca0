/**
 * Makes the scripts of this folder out of source/ and source/include/: redis-cli knows no includes, so each
 * script must be one file. Run `npm run inspect:assemble` after a change in source/; a test fails where it
 * was forgotten.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
const SOURCE = join(FOLDER, 'source');

/** `status`, `steals`, … */
export function inspectScripts(): string[] {
  return readdirSync(SOURCE)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -4));
}

/** The text of lua/inspect/<name>.lua as its source has it now. */
export function assemble(name: string): string {
  const [first = '', ...lines] = readFileSync(join(SOURCE, `${name}.lua`), 'utf8').split('\n');
  const made = [first, '-- (Made of source/ by `npm run inspect:assemble`: change it there.)', ...lines].join(
    '\n',
  );
  return made.replace(/^--- @include "([a-z]+)"$/gm, (_, include: string) =>
    readFileSync(join(SOURCE, 'include', `${include}.lua`), 'utf8').trimEnd(),
  );
}

if (import.meta.main)
  for (const name of inspectScripts()) writeFileSync(join(FOLDER, `${name}.lua`), assemble(name));
