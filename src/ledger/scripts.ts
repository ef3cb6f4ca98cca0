/**
 * Makes the texts of the ledger's commands as scripts. A text is made when it is first asked for: a process
 * needs few of them, and all together are six megabytes.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Redis } from 'ioredis';
import { assert } from '../domain/errors.ts';
import {
  COMMANDS,
  expand,
  filesIn,
  INCLUDES,
  included,
  isCode,
  type Line,
  linesOf,
  partsOf,
  sources,
} from './script-source.ts';

/** Removes comments and blank lines: Redis keeps the text of each script, and hashes it when it is sent. */
export function strip(lines: readonly Line[]): string {
  return lines
    .filter(({ isCode }) => isCode)
    .map(({ text }) => text)
    .join('\n');
}

/**
 * What Lua offers. Redis looks a global name up in two tables, one behind the other, at each use; a local one
 * costs next to nothing. They stand outside of `build`, where Lua allows only 200 local names; and these are
 * few, because a function may use only 60 names from outside.
 */
const GLOBALS = ['string', 'tonumber', 'type'];

/**
 * `fetch()` returns them, and the local names are set by it. While a library is loaded, Redis offers none.
 */
const NAMES = GLOBALS.join(', ');
export const FETCH = `local function fetch() return ${NAMES} end\nlocal ${NAMES}`;
export const SET = `${NAMES} = fetch()`;

/**
 * Includes that use neither Redis nor anything of a call. They stand outside of `build`, where Lua allows
 * only 200 local names. So they run before the first call: nothing of Lua's own may be used where they are
 * defined.
 */
export const PURE = ['integers', 'decimal', 'arguments'];

/** The text of a command, such as `plan-file`, for EVAL: in its guard (lua/include/guard.lua). */
export function scriptText(name: string, folder = COMMANDS): string {
  assert(/^[a-z-]+$/.test(name), `command ${name}`);
  const include = join(folder, 'include');
  const scope = new Set<string>();
  const pure = included(PURE, include, scope);
  const { includes, call, own } = partsOf(join(folder, `${name}.lua`), [include], scope);
  return [
    FETCH,
    SET,
    strip(linesOf(join(include, 'writes.lua'))),
    strip(pure),
    'local function build(redis, has_written)',
    strip(includes),
    `local function command()\n${strip(own)}\nend`,
    strip(linesOf(join(include, 'guard.lua'))),
    `local function call() return ${call} end`,
    'return function() return guarded(call) end',
    'end',
    'return build(watched(redis))()',
  ].join('\n');
}

/**
 * The text of one of lua/redis-cli/, such as `status`, for EVAL_RO. It includes nothing any more, so no other
 * file is read.
 */
export function inspectionText(name: string): string {
  assert(/^[a-z-]+$/.test(name), `inspection ${name}`);
  const text = readFileSync(join(COMMANDS, 'redis-cli', `${name}.lua`), 'utf8');
  return text.split('\n').filter(isCode).join('\n');
}

/**
 * The text of lua/what-if/what-if.lua: commands as they are, on a view of the book that keeps their writes to
 * itself.
 */
export function whatIfText(): string {
  const folder = join(COMMANDS, 'what-if');
  return strip(expand(join(folder, 'what-if.lua'), [folder, INCLUDES, COMMANDS]));
}

/** The base names of all commands, sorted. */
export function scriptNames(folder = COMMANDS): string[] {
  const files =
    folder === COMMANDS
      ? [...sources().keys()].filter((file) => dirname(file) === COMMANDS)
      : filesIn(folder);
  return files.map((file) => basename(file, '.lua')).sort();
}

/** The name under which a script is known to the Redis client: `plan-file` -> `ws_plan_file`. */
export function commandName(script: string): string {
  return `ws_${script.replaceAll('-', '_')}`;
}

/**
 * Adds commands to a connection, under their `commandName`. One that is there stays: to define it again would
 * cost its hash, and the connection would send its whole text again.
 */
export function defineScripts(redis: Redis, names: readonly string[] = scriptNames()): void {
  for (const name of names)
    if (!(commandName(name) in redis))
      redis.defineCommand(commandName(name), { lua: scriptText(name), numberOfKeys: 1 });
}
