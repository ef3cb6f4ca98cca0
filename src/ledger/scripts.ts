/**
 * Makes the texts of the ledger's commands, each as a script and as a library of Redis Functions. A text is
 * made when it is first asked for: a process needs few of them, and all together are six megabytes.
 */
import { createHash } from 'node:crypto';
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
function strip(lines: readonly Line[]): string {
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
const FETCH = `local function fetch() return ${NAMES} end\nlocal ${NAMES}`;
const SET = `${NAMES} = fetch()`;

/**
 * Includes that use neither Redis nor anything of a call. They stand outside of `build`, where Lua allows
 * only 200 local names. So they run before the first call: nothing of Lua's own may be used where they are
 * defined.
 */
const PURE = ['integers', 'decimal', 'arguments'];

/** `build()` makes the command, in its guard (lua/include/guard.lua), as a function without arguments. */
function buildText(name: string, folder: string, isLibrary: boolean): string {
  assert(/^[a-z-]+$/.test(name), `command ${name}`);
  const include = join(folder, 'include');
  const scope = new Set<string>();
  const pure = included(PURE, include, scope);
  const { includes, call, own } = partsOf(
    join(folder, `${name}.lua`),
    [include],
    scope,
    isLibrary ? new Set() : undefined,
  );
  return [
    strip(linesOf(join(include, 'writes.lua'))),
    strip(pure),
    'local function build(redis, has_written)',
    strip(includes),
    `local function command()\n${strip(own)}\nend`,
    strip(linesOf(join(include, 'guard.lua'))),
    `local function call() return ${call} end`,
    'return function() return guarded(call) end',
    'end',
  ].join('\n');
}

/** The text of one command, such as `admit` or `plan-file`, for EVAL. */
export function scriptText(name: string, folder = COMMANDS): string {
  return `${FETCH}\n${SET}\n${buildText(name, folder, false)}\nreturn build(watched(redis))()`;
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

/** A library of Redis Functions: it holds one function of the same name. */
export type Library = { readonly name: string; readonly text: () => string };

/**
 * These give room back, so they run even when Redis is out of memory: an order that ended must not go on
 * holding room.
 */
const FREEING = new Set(['release', 'settle', 'sweep', 'plan-close', 'plan-drop', 'plan-withdraw', 'cancel']);

/**
 * The command as a library of one function. Its definitions run once, at the first call: while a library is
 * loaded, Redis offers nothing but `redis.register_function`. Its name holds a hash of all sources, so that
 * two versions of this package run on one server.
 */
export function libraryOf(script: string): Library {
  const name = `${commandName(script)}_${sourcesHash()}`;
  return { name, text: () => libraryText(script, name) };
}

function libraryText(script: string, name: string): string {
  const flags = FREEING.has(script) ? "'allow-oom'" : '';
  return `#!lua name=${name}
local KEYS, ARGV
${FETCH}
${buildText(script, COMMANDS, true)}
local run
local function called(keys, args)
KEYS, ARGV = keys, args
if not run then
${SET}
run = build(watched(redis))
end
return run()
end
redis.register_function{function_name='${name}', callback=called, flags={${flags}}}
`;
}

let knownHash: string | undefined;

/** Of the sources and of how a text is put together of them: so no text has to be made for its name. */
function sourcesHash(): string {
  if (knownHash !== undefined) return knownHash;
  const hash = createHash('sha256').update(JSON.stringify([PURE, [...FREEING]]));
  for (const [file, text] of sources()) hash.update(basename(file)).update(text);
  knownHash = hash.update(libraryText('halt', '')).digest('hex').slice(0, 12);
  return knownHash;
}
