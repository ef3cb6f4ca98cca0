/**
 * The text of all commands as one library of Redis Functions. What several commands include is defined once
 * for all of them: Redis' Lua holds one megabyte of it, where a library for each command would take twelve.
 *
 * Lua allows 200 local names at a time in one function. So an include stands in a block of its own, and only
 * the names that other files use are declared outside of it.
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { assert } from '../domain/errors.ts';
import {
  COMMANDS,
  headOf,
  INCLUDES,
  included,
  includeFile,
  includeLines,
  type Line,
  linesOf,
  madeOnce,
  partsOf,
  sources,
} from './script-source.ts';
import { commandName, FETCH, PURE, SET, scriptNames, strip } from './scripts.ts';

/** How the names of the libraries of all versions begin. */
export const LIBRARY = 'ws_all_';

/** An include at the head of fewer commands stands in the block of each of them. */
const SHARED_FROM = 3;

/**
 * These give room back, so they run even when Redis is out of memory: an order that ended must not go on
 * holding room.
 */
const FREEING = new Set(['release', 'settle', 'sweep', 'plan-close', 'plan-drop', 'plan-withdraw', 'cancel']);

const fileOf = (script: string): string => join(COMMANDS, `${script}.lua`);

export type FunctionLibrary = {
  readonly name: string;
  /** Of each script, such as `plan-file`, the name of its function. */
  readonly functions: ReadonlyMap<string, string>;
  /** Put together at each call: only who loads the library needs it. */
  readonly text: () => string;
};

let known: FunctionLibrary | undefined;

/** The library of this version. Its names hold a hash of all sources, so two versions run side by side. */
export function functionLibrary(): FunctionLibrary {
  if (known !== undefined) return known;
  const hash = sourcesHash();
  const functions = new Map(scriptNames().map((script) => [script, `${commandName(script)}_${hash}`]));
  const name = `${LIBRARY}${hash}`;
  known = { name, functions, text: () => libraryText(name, functions) };
  return known;
}

/** Of the sources and of how a text is put together of them: so no whole text has to be made for its name. */
function sourcesHash(): string {
  const hash = createHash('sha256').update(JSON.stringify([SHARED_FROM, ...FREEING]));
  for (const [file, text] of sources()) hash.update(basename(file)).update(text);
  const sample = libraryText('', new Map(['halt', 'release', 'resume'].map((script) => [script, ''])));
  return hash.update(sample).digest('hex').slice(0, 12);
}

/**
 * The library's text. Its definitions run once, at the first call: while a library is loaded, Redis offers
 * nothing but `redis.register_function`.
 * @param functions the scripts, such as `plan-file`, and the names of their functions
 */
function libraryText(name: string, functions: ReadonlyMap<string, string>): string {
  const pure = new Set<string>();
  const pureText = strip(included(PURE, INCLUDES, pure));
  const heads = [...functions.keys()].map((script) => headOf(fileOf(script)).filter((one) => !pure.has(one)));
  const shared = sharedBy(heads);
  const scope = new Set([...pure, ...shared]);
  /** What commands include inside a function. */
  const kept = new Set<string>();
  const declared = new Set<string>();
  const sharedTexts = shared.map((include) => blockOf(include, scope, kept, declared));
  const commands = [...functions.keys()].map((script) => commandOf(script, scope, kept));
  return [
    `#!lua name=${name}`,
    'local KEYS, ARGV',
    FETCH,
    strip(linesOf(includeFile('writes'))),
    pureText,
    'local function build(redis, has_written)',
    'local once, commands = {}, {}',
    `local ${[...declared].join(', ')}`,
    ...sharedTexts,
    strip(linesOf(includeFile('guard'))),
    strip(madeOnce(kept, [INCLUDES], scope)),
    ...commands,
    'return commands',
    'end',
    'local commands',
    'local function register(script, name, flags)',
    'redis.register_function{function_name=name, flags=flags, callback=function(keys, args)',
    'KEYS, ARGV = keys, args',
    'if not commands then',
    SET,
    'commands = build(watched(redis))',
    'end',
    'return commands[script]()',
    'end}',
    'end',
    ...Array.from(functions, ([script, one]) => {
      const flags = FREEING.has(script) ? "'allow-oom'" : '';
      return `register('${script}', '${one}', {${flags}})`;
    }),
    '',
  ].join('\n');
}

/** The includes of the commands' heads that stand in the library once, each behind those that it uses. */
function sharedBy(heads: readonly (readonly string[])[]): string[] {
  const users = new Map<string, number>();
  for (const include of heads.flat()) users.set(include, (users.get(include) ?? 0) + 1);
  return [...users].filter(([, count]) => count >= SHARED_FROM).map(([include]) => include);
}

/** A shared include in a block of its own, behind a declaration of the names that others use. */
function blockOf(include: string, scope: Set<string>, kept: Set<string>, declared: Set<string>): string {
  const lines = includeLines(include, scope, kept).filter(({ isCode }) => isCode);
  const names: string[] = [];
  const own = lines.flatMap(({ text, begins }) => {
    const [all, one, several, value] = /^local (?:function (\w+)|([\w, ]+?)\s*(=|--|$))/.exec(text) ?? [];
    if (all === undefined) return [text];
    const defined = one === undefined ? (several as string).split(/, */) : [one];
    if (begins === undefined && !defined.some((word) => isUsedElsewhere(word, include))) return [text];
    names.push(...defined);
    return one !== undefined || value === '=' ? [text.slice('local '.length)] : [];
  });
  for (const name of names) {
    assert(!declared.has(name), `two includes define ${name}, the second is ${include}`);
    declared.add(name);
  }
  return ['do', ...own, 'end'].join('\n');
}

/** A command in its guard (lua/include/guard.lua), with what it alone, or one more, includes. */
function commandOf(script: string, scope: Set<string>, kept: Set<string>): string {
  const { includes, own } = partsOf(fileOf(script), [INCLUDES], new Set(scope), kept);
  const begins = headOf(fileOf(script)).flatMap((include) =>
    linesOf(includeFile(include)).flatMap(({ begins }) => (begins === undefined ? [] : [`${begins}()`])),
  );
  return [
    'do',
    strip(includes),
    `local function command()\n${strip(own)}\nend`,
    `local function call() return ${[...begins, 'command()'].join(' or ')} end`,
    `commands['${script}'] = function() return guarded(call) end`,
    'end',
  ].join('\n');
}

let words: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Does a file other than the include use this word? */
function isUsedElsewhere(word: string, include: string): boolean {
  words ??= new Map(
    Array.from(sources().keys(), (file) => [basename(file, '.lua'), wordsOf(linesOf(file))] as const),
  );
  for (const [file, its] of words) if (file !== include && its.has(word)) return true;
  return false;
}

function wordsOf(lines: readonly Line[]): Set<string> {
  return new Set(lines.filter(({ isCode }) => isCode).flatMap(({ text }) => text.match(/\w+/g) ?? []));
}
