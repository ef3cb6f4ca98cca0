/**
 * What the last word of a command line may become, in the protocol of @bomb.sh/tab: a line each, the word and
 * its description behind a tab; at last `:4`, or `:0` where the shell should complete names of files.
 */
import { RootCommand } from '@bomb.sh/tab';
import type { Argument, Command, Option } from 'commander';
import type { Env } from '../../rules/settings.ts';
import { COMMANDS, type CommandName, SUMMARIES } from '../commands.ts';
import type { WhereOptions } from '../inspect/connection.ts';
import { loadCommand } from '../load-command.ts';
import { captured } from './captured.ts';
import type { Kind, Named } from './known.ts';

const FILES = ':0\n';
const NOTHING = ':4\n';

/** Arguments and values of options that are a file or a folder. */
const OF_FILES = ['file', 'forecasts', 'dir'];

/** Arguments and values of options that the ledger may know -> as what. */
const OF_LEDGER: Readonly<Record<string, readonly Kind[]>> = {
  symbol: ['symbol'],
  order: ['order'],
  plan: ['plan'],
  id: ['plan', 'order', 'symbol'],
};

/** The options whose values are also understood as words (lua/inspect/orders.lua). */
const ALSO_WORDS = ['--state', '--stage'];

/** @param words the command line behind `worksteal`; the last one is to be completed, and may be empty */
export async function completions(words: readonly string[], env: Env): Promise<string> {
  const name = COMMANDS.find((command) => command === words[0]);
  try {
    if (words.length < 2 || name === undefined) return ofProgram(words);
    const command = await loadCommand(name);
    return command === null ? NOTHING : await ofCommand(command, name, words, env);
  } catch {
    return NOTHING; // a shell has no place for an error
  }
}

/** The names of all commands. None is loaded for that. */
function ofProgram(words: readonly string[]): string {
  const root = new RootCommand();
  for (const name of COMMANDS) root.command(name, SUMMARIES[name]);
  return captured(() => root.parse([...words]));
}

async function ofCommand(
  command: Command,
  name: CommandName,
  words: readonly string[],
  env: Env,
): Promise<string> {
  const before = words.slice(1, -1);
  const last = words.at(-1) ?? '';
  const flag = /^(--[\w-]+)=/.exec(last)?.[1] ?? before.at(-1);
  const option = command.options.find((one) => isNamed(one, flag) && takesValue(one));
  const asked = option ?? command.registeredArguments[positionOf(command, before)];
  const isOption = option === undefined && last.startsWith('-');
  if (!isOption && OF_FILES.includes(nameOf(asked))) return FILES;
  const kinds = isOption ? [] : (OF_LEDGER[nameOf(asked)] ?? []);
  const names = kinds.length === 0 ? [] : await namesFor(command, words, kinds, env);
  const choices = (asked?.argChoices ?? []).map((choice) => [choice, nameOf(asked)] as const);
  const states = option === undefined && !isOption ? stateWords(command) : [];
  const offer = (complete: (value: string, description: string) => void): void => {
    for (const [value, what] of [...choices, ...states, ...names]) complete(value, what);
  };

  const root = new RootCommand();
  const own = root.command(name, SUMMARIES[name]);
  for (const one of command.options) {
    const [long, short] = [one.long?.slice(2) ?? '', one.short?.slice(1)];
    if (takesValue(one)) own.option(long, one.description, offer, short);
    else if (short === undefined) own.option(long, one.description);
    else own.option(long, one.description, short);
  }
  own.option('help', 'what the command does, with examples', 'h');
  for (const one of command.registeredArguments) own.argument(one.name(), offer, one.variadic);
  return captured(() => root.parse([...words]));
}

const takesValue = (option: Option): boolean => option.required || option.optional;
const isNamed = (option: Option, word: string | undefined): boolean =>
  word !== undefined && (word === option.long || word === option.short);

/** `symbol` of the argument `[symbol]` and of the option `--symbol <symbol>`. */
function nameOf(asked: Argument | Option | undefined): string {
  if (asked === undefined) return '';
  return 'flags' in asked ? (/[<[]([\w-]+)/.exec(asked.flags)?.[1] ?? '') : asked.name();
}

/** How many arguments stand before: words that are neither options nor their values. */
function positionOf(command: Command, before: readonly string[]): number {
  const isValue = (at: number): boolean =>
    command.options.some((one) => takesValue(one) && isNamed(one, before[at - 1]));
  return before.filter((word, at) => !word.startsWith('-') && !isValue(at)).length;
}

/** States or stages, and which of both they are. */
function stateWords(command: Command): (readonly [string, string])[] {
  const option = command.options.find((one) => ALSO_WORDS.includes(one.long ?? ''));
  return (option?.argChoices ?? []).map((choice) => [choice, nameOf(option)] as const);
}

/** What the ledger that the command line names knows. Its client is loaded only for that. */
async function namesFor(
  command: Command,
  words: readonly string[],
  kinds: readonly Kind[],
  env: Env,
): Promise<Named[]> {
  command.parseOptions([...words.slice(1, -1)]);
  const { knownToLedger } = await import('./known.ts');
  return await knownToLedger(command.opts<WhereOptions>(), env, kinds);
}
