/**
 * Loads lua/*.lua with their includes, once per process. An include is written `--- @include "name"` and is
 * inserted where it is first named; a second mention adds nothing. An indented one is inside a function: it
 * is inserted there, for that function alone, and its definitions run only when the function is called.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../domain/errors.ts';
import { packageRoot } from '../package-root.ts';

const INCLUDE = /^(\s*)--- @include "([a-z-]+)"$/;

/**
 * The lines of a script with its includes, each looked for in the folders in their order.
 */
export function expand(file: string, folders: readonly string[], scope = new Set<string>()): string[] {
  let nested: Set<string> | undefined;
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, indent, name] = INCLUDE.exec(line) ?? [];
      if (/^[^\s-]/.test(line)) nested = undefined; // the next function begins
      if (name === undefined) return [line];
      if (scope.has(name)) return [];
      if (indent !== '') nested ??= new Set(scope);
      const seen = indent === '' ? scope : (nested as Set<string>);
      seen.add(name);
      return expand(findInclude(name, folders), folders, seen);
    });
}

function findInclude(name: string, folders: readonly string[]): string {
  const found = folders.map((folder) => join(folder, `${name}.lua`)).find((file) => existsSync(file));
  assert(found !== undefined, `include ${name}`);
  return found;
}

/** Removes comments and blank lines: Redis keeps the text of each script, and hashes it when it is sent. */
function strip(lines: string[]): string {
  return lines.filter((line) => !/^\s*(--.*)?$/.test(line)).join('\n');
}

const COMMANDS = join(packageRoot(), 'lua');

/** Where the commands' includes are. */
export const INCLUDES = join(COMMANDS, 'include');

/**
 * The text of one script, such as `admit` or `plan-file`, with its includes. A command is wrapped in the
 * guard (lua/include/guard.lua).
 */
export function scriptText(name: string, folder = COMMANDS): string {
  assert(/^[a-z-]+$/.test(name), `script name ${name}`);
  const text = strip(expand(join(folder, `${name}.lua`), [join(folder, 'include')]));
  if (folder !== COMMANDS) return text;
  const guard = strip(expand(join(INCLUDES, 'guard.lua'), [INCLUDES]));
  return `local function command()\n${text}\nend\n${guard}`;
}

/** The base names of all commands, sorted. */
export function scriptNames(folder = COMMANDS): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -4))
    .sort();
}

/** The name under which a script is known to the Redis client: `plan-file` -> `ws_plan_file`. */
export function commandName(script: string): string {
  return `ws_${script.replaceAll('-', '_')}`;
}

/** All scripts in the shape of ioredis' `scripts` option. */
export function redisScripts(): Record<string, { lua: string; numberOfKeys: number }> {
  return Object.fromEntries(
    scriptNames().map((name) => [commandName(name), { lua: scriptText(name), numberOfKeys: 1 }]),
  );
}
