/** Every Lua file includes what it uses, and does not count on the includes of its includes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { declared, included, used } from '../support/lua-names.ts';

const LUA = join(packageRoot(), 'lua');
const scripts = (folder: string): string[] =>
  readdirSync(join(LUA, folder))
    .filter((file) => file.endsWith('.lua'))
    .map((file) => join(folder, file));

/** The files of commands and of inspections, and where each of these looks for its includes. */
const FILES = [
  ...[...scripts('.'), ...scripts('include')].map((file) => [file, ['include']] as const),
  ...[...scripts('inspect'), ...scripts('inspect/include')].map(
    (file) => [file, ['inspect/include', 'include']] as const,
  ),
  ...scripts('what-if').map((file) => [file, ['what-if', 'include']] as const),
];

/** The names that a file uses and that an include declares which it does not name, with those includes. */
function missing(text: string, folders: readonly string[]): string[] {
  const find = (name: string): string | undefined =>
    folders.map((folder) => join(LUA, folder, `${name}.lua`)).find((file) => existsSync(file));
  const names = new Set(folders.flatMap(scripts).map((file) => file.replace(/^.*\/(.*)\.lua$/, '$1')));
  for (const name of ['guard', 'writes']) names.delete(name); // put around commands, and included by nobody
  const declarations = [...names].map(
    (name) => [name, declared(readFileSync(find(name) as string, 'utf8'))] as const,
  );
  const direct = included(text);
  return [...used(text)].flatMap((name) => {
    const homes = declarations.filter(([, known]) => known.has(name)).map(([home]) => home);
    return homes.length === 0 || homes.some((home) => direct.includes(home)) ? [] : [`${name}: ${homes}`];
  });
}

describe('a Lua file includes what it uses:', () => {
  it.each(FILES)('%s', (file, folders) => {
    expect(missing(readFileSync(join(LUA, file), 'utf8'), folders)).toEqual([]);
  });

  it('one that uses a name of an include of its include is found', () => {
    const text =
      '--- @include "orders"\n\nlocal order = read_order(ARGV[1])\nemit("x", to_nanos(order.limit))\n';
    expect(missing(text, ['include'])).toEqual(['emit: events', 'to_nanos: decimal']);
  });

  it('fields, keys, parameters and what stands in texts or comments are no such names', () => {
    const text =
      'local t = { emit = 1, room = 2 } -- emit\nlocal function f(emit) return emit .. t.room .. ' +
      "'emit' end\n";
    expect(missing(text, ['include'])).toEqual([]);
  });
});
