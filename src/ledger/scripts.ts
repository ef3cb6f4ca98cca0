/**
 * Makes the texts of the ledger's commands out of lua/*.lua and their includes, once per process. An include
 * is written `--- @include "name"`; a second mention adds nothing. A command's own stand at its head. An
 * indented one is inside a function: it is inserted there, for that function alone, and its definitions run
 * only when the function is called.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from '../domain/errors.ts';
import { packageRoot } from '../package-root.ts';

const INCLUDE = /^(\s*)--- @include "([a-z-]+)"$/;
/** What an include does at the begin of each call: a function with a name like this. */
const BEGINS = /^local function (begin_\w+)\(\)$/;

/**
 * The lines of a script with its includes, each looked for in the folders in their order.
 */
export function expand(file: string, folders: readonly string[], scope = new Set<string>()): string[] {
  return dirname(file) === COMMANDS
    ? inlined(file, folders, scope)
    : expandLines(linesOf(file), folders, scope);
}

/** Fifty commands share forty includes: each is read once. */
const LINES = new Map<string, string[]>();

function linesOf(file: string): string[] {
  const known = LINES.get(file);
  if (known !== undefined) return known;
  const lines = readFileSync(file, 'utf8').split('\n');
  LINES.set(file, lines);
  return lines;
}

function expandLines(lines: readonly string[], folders: readonly string[], scope: Set<string>): string[] {
  let nested: Set<string> | undefined;
  return lines.flatMap((line) => {
    const [, indent, name] = line.includes('@include') ? (INCLUDE.exec(line) ?? []) : [];
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
  const found = folders
    .map((folder) => join(folder, `${name}.lua`))
    .find((file) => LINES.has(file) || existsSync(file));
  assert(found !== undefined, `include ${name}`);
  return found;
}

type Parts = {
  /** What it includes: defined once, before all calls. */
  includes: string[];
  /** The calls with which each call of the command begins, such as `begin_account()`. */
  begins: string[];
  /** Its own lines: they run at each call. */
  own: string[];
};

function partsOf(file: string, folders: readonly string[], scope = new Set<string>()): Parts {
  const lines = linesOf(file);
  const ofHead = (line: string): boolean => INCLUDE.exec(line)?.[1] === '';
  const includes = expandLines(lines.filter(ofHead), folders, scope);
  const own = expandLines(
    lines.filter((line) => !ofHead(line)),
    folders,
    scope,
  );
  const begins = includes.flatMap((line) => {
    const name = BEGINS.exec(line)?.[1];
    return name === undefined ? [] : [`${name}()`];
  });
  return { includes, begins, own };
}

/** A command as the body of a function of another script. */
function inlined(file: string, folders: readonly string[], scope: Set<string>): string[] {
  const { includes, begins, own } = partsOf(file, folders, scope);
  const call = [...begins, 'command()'].join(' or ');
  return [...includes, 'local function command()', ...own, 'end', `return ${call}`];
}

/** Removes comments and blank lines: Redis keeps the text of each script, and hashes it when it is sent. */
function strip(lines: string[]): string {
  return lines.filter((line) => !/^\s*(--.*)?$/.test(line)).join('\n');
}

const COMMANDS = join(packageRoot(), 'lua');

/** Where the commands' includes are. */
export const INCLUDES = join(COMMANDS, 'include');

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

/** A command is needed twice, as a script and as a library. */
const BUILT = new Map<string, string>();

function buildText(name: string, folder: string): string {
  const path = join(folder, name);
  const text = BUILT.get(path) ?? makeBuild(name, folder);
  BUILT.set(path, text);
  return text;
}

/** `build()` makes the command, in its guard (lua/include/guard.lua), as a function without arguments. */
function makeBuild(name: string, folder: string): string {
  assert(/^[a-z-]+$/.test(name), `command ${name}`);
  const include = join(folder, 'include');
  const scope = new Set<string>();
  const pure = expandLines(
    PURE.map((one) => `--- @include "${one}"`),
    [include],
    scope,
  );
  const { includes, begins, own } = partsOf(join(folder, `${name}.lua`), [include], scope);
  return [
    strip(linesOf(join(include, 'writes.lua'))),
    strip(pure),
    'local function build(redis, has_written)',
    strip(includes),
    `local function command()\n${strip(own)}\nend`,
    strip(linesOf(join(include, 'guard.lua'))),
    `local function call() return ${[...begins, 'command()'].join(' or ')} end`,
    'return function() return guarded(call) end',
    'end',
  ].join('\n');
}

/** The text of one command, such as `admit` or `plan-file`, for EVAL. */
export function scriptText(name: string, folder = COMMANDS): string {
  return `${FETCH}\n${SET}\n${buildText(name, folder)}\nreturn build(watched(redis))()`;
}

/** The text of one of lua/redis-cli/, such as `status`, for EVAL_RO. */
export function inspectionText(name: string): string {
  assert(/^[a-z-]+$/.test(name), `inspection ${name}`);
  return strip(linesOf(join(COMMANDS, 'redis-cli', `${name}.lua`)));
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

/** A library of Redis Functions: it holds one function of the same name. */
export type Library = { name: string; text: string };

/**
 * These give room back, so they run even when Redis is out of memory: an order that ended must not go on
 * holding room.
 */
const FREEING = new Set(['release', 'settle', 'sweep', 'plan-close', 'plan-drop', 'plan-withdraw', 'cancel']);

/**
 * The command as a library of one function. Its definitions run once, at the first call: while a library is
 * loaded, Redis offers nothing but `redis.register_function`. The name holds a hash of the text, so that two
 * versions of this package run on one server.
 */
export function libraryOf(script: string): Library {
  const build = buildText(script, COMMANDS);
  const name = `${commandName(script)}_${createHash('sha256').update(build).digest('hex').slice(0, 12)}`;
  const flags = FREEING.has(script) ? "'allow-oom'" : '';
  return {
    name,
    text: `#!lua name=${name}
local KEYS, ARGV
${FETCH}
${build}
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
`,
  };
}
