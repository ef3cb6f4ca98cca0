/**
 * The commands that README and docs print. A test runs every line of a `sh` block, except lines whose comment
 * begins with `takes`, `needs` or `runs until`, which are only checked. Such a comment alone on a block's
 * first line applies to the whole block. In a `console` block, commands follow `$ ` and are only checked.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from '../../src/package-root.ts';

/** `script`: what is run of the block, '' where nothing is; `commands`: all of it, one by one. */
export type Block = { where: string; script: string; commands: string[] };

const ROOT = packageRoot();
const NOT_RUN = /#\s*(takes|needs|runs until)\b/;

/** Every block of commands of README, docs and the other pages. */
export function readBlocks(): Block[] {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return files
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)))
    .flatMap((file) => blocksOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

function blocksOf(file: string, page: string): Block[] {
  return [...page.matchAll(/^```(sh|console)\n(.*?)^```/gms)].map((match) => {
    const [, kind, text = ''] = match;
    const lines = text.replaceAll('\\\n', ' ').trimEnd().split('\n');
    const where = `${file}:${page.slice(0, match.index).split('\n').length}`;
    if (kind === 'console') {
      const commands = lines.flatMap((line) => /^\$ (.*)$/.exec(line)?.[1] ?? []);
      return { where, script: '', commands };
    }
    const isRun = !/^\s*#/.test(lines[0] ?? '') || !NOT_RUN.test(lines[0] ?? '');
    const script = isRun ? lines.filter((line) => !NOT_RUN.test(line)).join('\n') : '';
    return { where, script, commands: lines };
  });
}

/** Blocks without a language that hold a command all the same: nothing would check them. */
export function unmarkedBlocks(page: string): string[] {
  const command = /^(\$ |npm |npx |node |redis-cli |worksteal |docker|bash )/m;
  return [...page.matchAll(/^```\n(.*?)^```/gms)].flatMap(([, text = '']) => command.exec(text)?.[0] ?? []);
}

/** What is wrong with a command line, as sentences; nothing where it could be run. */
export async function faultsOf(line: string): Promise<string[]> {
  const faults: string[] = [];
  for (const words of simpleCommands(line)) faults.push(...(await faultsOfWords(words)));
  return faults;
}

/** `a && b | c # comment` as three lists of words. Quotes are taken off; nothing is expanded. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/#.*$|&&|\|\||[|;&]|(?:"[^"]*"|'[^']*'|\\.|[^\s|;&"'])+/g)) {
    if (token.startsWith('#')) break;
    if (/^(&&|\|\||[|;&])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replaceAll(/["']/g, ''));
  }
  return commands.map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))));
}

async function faultsOfWords(given: string[]): Promise<string[]> {
  const words = given.filter((word) => !/^\d?[<>]/.test(word));
  const [program = '', first = ''] = words;
  // `worksteal @main check`: deploy/systemd/worksteal.
  if (program === 'worksteal') return worksteal(words.slice(first.startsWith('@') ? 2 : 1));
  if (program === 'npx' && first === 'worksteal') return worksteal(words.slice(2));
  if (program === 'npm') return npm(words.slice(1).filter((word) => word !== '--silent'));
  if (program === 'redis-cli') return redisCli(words.slice(1));
  if (program === 'node' || program === 'bash')
    return existsSync(join(ROOT, first)) ? [] : [`no file ${first}`];
  return [];
}

/** Parses the arguments as the command itself does, and carries nothing out. */
async function worksteal(args: string[]): Promise<string[]> {
  const [name = '', ...rest] = args;
  if (!existsSync(join(ROOT, 'src/cli', `${name}.ts`)))
    return name.startsWith('-') ? [] : [`no command ${name}`];
  const module = (await import(`../../src/cli/${name}.ts`)) as Record<string, () => Command>;
  const command = module[`${name}Command`]?.();
  if (command === undefined) return [`no command ${name}`];
  for (const one of [command, ...command.commands])
    one
      .action(() => {})
      .exitOverride()
      .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  return command.parseAsync(rest, { from: 'user' }).then(
    () => [],
    (error: Error) => [`${name}: ${error.message}`],
  );
}

function npm(args: string[]): Promise<string[]> | string[] {
  const [verb = '', ...rest] = args;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  if (verb === 'ci' || verb === 'pack' || verb === 'install') return [];
  const name = verb === 'run' ? (rest.shift() ?? '') : verb;
  const script = scripts[name];
  if (script === undefined) return [`no script ${name}`];
  const passed = rest.slice(rest.indexOf('--') + 1);
  if (!rest.includes('--')) return [];
  const [, main = ''] = script.split(' ');
  if (main === 'src/cli/main.ts') return worksteal([...script.split(' ').slice(2), ...passed]);
  // These programs export no parser: the option must occur in their sources.
  const sources = sourcesBeside(main);
  const options = passed.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
  const isRead = (option: string): boolean =>
    new RegExp(`--${option}\\b|\\b${option}: (flag|name|text|[{])`).test(sources);
  return options.filter((option) => !isRead(option)).map((option) => `${name}: no option --${option}`);
}

function sourcesBeside(main: string): string {
  const folder = dirname(join(ROOT, main));
  const files = readdirSync(folder).filter((file) => statSync(join(folder, file)).isFile());
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
}

function redisCli(args: string[]): string[] {
  const script = args[args.indexOf('--eval') + 1] ?? '';
  const isToServer = args[0] === '-u' && args[1] === '$REDIS_URL';
  // To a Sentinel, or to a node of a Cluster.
  const isToOne = /^(-p|-h|--cluster)$/.test(args[0] ?? '');
  return [
    ...(isToServer || isToOne ? [] : ['redis-cli without -u "$REDIS_URL"']),
    ...(args.includes('--eval') && !script.includes('SCRIPT') && !existsSync(join(ROOT, script))
      ? [`no file ${script}`]
      : []),
  ];
}
