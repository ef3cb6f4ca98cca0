/**
 * Reads lua/*.lua and their includes. An include is written `--- @include "name"`; a second mention adds
 * nothing. A command's own stand at its head. An indented one is inside a function, for that function alone:
 * in a script it is inserted there, and its definitions run only when the function is called. In a library
 * its definitions are made at the first call that needs them, and kept.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from '../domain/errors.ts';
import { packageRoot } from '../package-root.ts';

const INCLUDE = /^(\s*)--- @include "([a-z-]+)"$/;
/** What an include does at the begin of each call: a function with a name like this. */
const BEGINS = /^local function (begin_\w+)\(\)$/;

/** Where the commands are. */
export const COMMANDS = join(packageRoot(), 'lua');
/** Where the commands' includes are. */
export const INCLUDES = join(COMMANDS, 'include');

let known: ReadonlyMap<string, string> | undefined;

/**
 * The texts of the commands and their includes, by file, as they are at the first call. A process calls it
 * before it uses any: an upgrade that replaces files beside it must not mix two versions of commands.
 */
export function sources(): ReadonlyMap<string, string> {
  known ??= new Map(
    [COMMANDS, INCLUDES].flatMap((folder) =>
      filesIn(folder).map((file) => [file, readFileSync(file, 'utf8')] as const),
    ),
  );
  return known;
}

/** The Lua files of a folder, sorted. */
export function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.lua'));
  return names.sort().map((name) => join(folder, name));
}

/** Is the line neither blank nor a comment? */
export function isCode(line: string): boolean {
  return !/^\s*(--.*)?$/.test(line);
}

/** A line, looked at once: fifty commands share forty includes. */
export type Line = {
  readonly text: string;
  readonly isCode: boolean;
  /** At the outermost level: a function that was open has ended. */
  readonly isOutermost: boolean;
  readonly include: { readonly name: string; readonly isIndented: boolean } | undefined;
  /** `begin_account` where it defines what an include does at the begin of each call. */
  readonly begins: string | undefined;
};

function lineOf(text: string): Line {
  const [, indent, name] = text.includes('@include') ? (INCLUDE.exec(text) ?? []) : [];
  return {
    text,
    isCode: isCode(text),
    isOutermost: /^[^\s-]/.test(text),
    include: name === undefined ? undefined : { name, isIndented: indent !== '' },
    begins: BEGINS.exec(text)?.[1],
  };
}

const LINES = new Map<string, readonly Line[]>();

export function linesOf(file: string): readonly Line[] {
  const known = LINES.get(file);
  if (known !== undefined) return known;
  const text = sources().get(file) ?? readFileSync(file, 'utf8');
  const lines = text.split('\n').map(lineOf);
  LINES.set(file, lines);
  return lines;
}

/** The lines of a script with its includes, each looked for in the folders in their order. */
export function expand(
  file: string,
  folders: readonly string[],
  scope = new Set<string>(),
  kept?: Set<string>,
): Line[] {
  return dirname(file) === COMMANDS
    ? inlined(file, folders, scope)
    : expandLines(linesOf(file), folders, scope, kept);
}

/**
 * @param kept collects the indented includes, which `madeOnce` makes. Without it they are inserted.
 * @param keepsAll the other includes as well
 */
function expandLines(
  lines: readonly Line[],
  folders: readonly string[],
  scope: Set<string>,
  kept?: Set<string>,
  keepsAll = false,
): Line[] {
  const expanded: Line[] = [];
  let nested: Set<string> | undefined;
  for (const line of lines) {
    if (line.isOutermost) nested = undefined; // the next function begins
    if (line.include === undefined) {
      expanded.push(line);
      continue;
    }
    const { name, isIndented } = line.include;
    if (scope.has(name)) continue;
    if (isIndented) nested ??= new Set(scope);
    const seen = nested !== undefined && isIndented ? nested : scope;
    const isKnown = seen.has(name);
    seen.add(name);
    if (kept !== undefined && (isIndented || keepsAll)) {
      if (!isKnown) expanded.push(lineOf(`  local ${definedIn(name, folders)} = once['${name}']()`));
      kept.add(name);
      continue;
    }
    for (const one of expand(findInclude(name, folders), folders, seen, kept)) expanded.push(one);
  }
  return expanded;
}

/** The file of an include of the commands. */
export function includeFile(name: string): string {
  return join(INCLUDES, `${name}.lua`);
}

function findInclude(name: string, folders: readonly string[]): string {
  const found = folders
    .map((folder) => join(folder, `${name}.lua`))
    .find((file) => sources().has(file) || existsSync(file));
  assert(found !== undefined, `include ${name}`);
  return found;
}

/** The names of the functions and constants that an include defines, as a list of Lua. */
function definedIn(name: string, folders: readonly string[]): string {
  const names = linesOf(findInclude(name, folders)).flatMap(({ text }) => {
    const [, one, several] = /^local (?:function (\w+)|([\w, ]+))/.exec(text) ?? [];
    // The caller gets values: a name that is set anew would not be seen.
    assert(several === undefined || /^[A-Z_\d, ]+$/.test(several), `include ${name} at the head: ${text}`);
    return one ?? several?.trim() ?? [];
  });
  return names.join(', ');
}

/**
 * The functions `once['name']()`: each makes the definitions of an include at its first call, and returns
 * them at each. They stand behind all other includes, so these need not be made again.
 */
export function madeOnce(kept: Set<string>, folders: readonly string[], scope: Set<string>): Line[] {
  const lines: Line[] = [];
  // What they include themselves joins `kept` while this goes on.
  for (const name of kept) {
    const names = definedIn(name, folders);
    const own = scope.has(name)
      ? []
      : expandLines(linesOf(findInclude(name, folders)), folders, new Set(scope), kept, true);
    lines.push(lineOf(`once['${name}'] = function()`), ...own);
    lines.push(lineOf(`once['${name}'] = function() return ${names} end`));
    lines.push(lineOf(`return ${names}`), lineOf('end'));
  }
  return lines;
}

/** The names of what a file includes at its head, and these in turn: each behind those that it uses. */
export function headOf(file: string, found = new Set<string>()): string[] {
  const order: string[] = [];
  for (const { include } of linesOf(file)) {
    if (include === undefined || include.isIndented || found.has(include.name)) continue;
    found.add(include.name);
    order.push(...headOf(includeFile(include.name), found), include.name);
  }
  return order;
}

/** The lines of one include; those in the scope are there already. */
export function includeLines(name: string, scope: Set<string>, kept: Set<string>): Line[] {
  return expandLines(linesOf(includeFile(name)), [INCLUDES], scope, kept);
}

/** Includes by their names, one after the other. */
export function included(names: readonly string[], folder: string, scope: Set<string>): Line[] {
  return expandLines(
    names.map((name) => lineOf(`--- @include "${name}"`)),
    [folder],
    scope,
  );
}

export type Parts = {
  /** What it includes: defined once, before all calls. */
  readonly includes: readonly Line[];
  /** The call of a command: first that of what each include does at the begin, such as `begin_account()`. */
  readonly call: string;
  /** Its own lines: they run at each call. */
  readonly own: readonly Line[];
};

/** @param kept collects the indented includes, which `madeOnce` makes. Without it they are inserted. */
export function partsOf(
  file: string,
  folders: readonly string[],
  scope = new Set<string>(),
  kept?: Set<string>,
): Parts {
  const lines = linesOf(file);
  const ofHead = ({ include }: Line): boolean => include?.isIndented === false;
  const includes = expandLines(lines.filter(ofHead), folders, scope, kept);
  const own = expandLines(
    lines.filter((line) => !ofHead(line)),
    folders,
    scope,
    kept,
  );
  const begins = includes.flatMap(({ begins }) => (begins === undefined ? [] : [`${begins}()`]));
  return { includes, call: [...begins, 'command()'].join(' or '), own };
}

/** A command as the body of a function of another script. */
function inlined(file: string, folders: readonly string[], scope: Set<string>): Line[] {
  const { includes, call, own } = partsOf(file, folders, scope);
  return [...includes, lineOf('local function command()'), ...own, lineOf('end'), lineOf(`return ${call}`)];
}
