/**
 * A script's header is its contract: KEYS, ARGV and reply must match the body and the typed wrapper. Reads
 * the sources only; needs no Redis.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OUTCOMES } from '../../../src/domain/outcome.ts';
import { scriptNames } from '../../../src/ledger/scripts.ts';
import { packageRoot } from '../../../src/package-root.ts';

const ROOT = packageRoot();
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const include = (name: string): string => read('lua', 'include', `${name}.lua`);
const unique = (list: Iterable<string>): string[] => [...new Set(list)].sort();
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '');

type Header = { keys: number[]; names: string[]; repeated: string[]; reply: string[]; body: string };

function readHeader(script: string): Header {
  const lines = read('lua', `${script}.lua`).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const header = lines.slice(0, end).map((line) => line.replace(/^-- ?/, ''));
  const names: string[] = [];
  let repeated: string[] = [];
  for (const line of header) {
    const [, position, many, rest = ''] = /^ARGV\[(\d+)(\.\.)?\]\s+(.*)$/.exec(line) ?? [];
    if (position === undefined) continue;
    expect(Number(position), `${script}: ${line}`).toBe(names.length + 1);
    if (many === undefined) names.push(/^\w+/.exec(rest)?.[0] ?? '');
    else
      repeated =
        rest
          .replace(/\([^)]*\)/g, '')
          .split(/ {2,}|:/)[0]
          ?.split(',')
          .map((name) => name.trim()) ?? [];
  }
  const from = header.findIndex((line) => line.startsWith('Reply:'));
  const reply = header
    .slice(from)
    .join(' ')
    .replace(/^Reply:/, '')
    .replace(/\([^)]*\)|"[^"]*"|\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, '')
    .split('|')
    .map((part) => /[a-z_]+/.exec(part)?.[0] ?? '');
  const keys = header.flatMap((line) => matches(line, /^KEYS\[(\d+)\]/g)).map(Number);
  return { keys, names, repeated, reply: unique(reply), body: lines.slice(end).join('\n') };
}

/** The names in a list {'name', check, ...} of read_arguments. */
function listed(list: string): string[] {
  return matches(list.replace(/\s+/g, ' '), /'(\w+)'/g);
}

function argumentNames(body: string): string[] {
  if (body.includes('read_wish('))
    return listed(/local WISH = \{([^}]*)\}/.exec(include('attempt'))?.[1] ?? '');
  return listed(/read_arguments\('[\w-]+', 1,\s+\{([^}]*)\}/.exec(body)?.[1] ?? '');
}

/** Every token that the body may answer with, its includes' answers with it. */
function answers(body: string): string[] {
  const tokens = (text: string): string[] => [
    ...matches(text, /\b(?:reply|unsent)\('([a-z_]+)'/g),
    ...matches(text, /return \{ '([a-z_]+)'/g),
    ...matches(text, /refuse\(wish, '([a-z_]+)'/g),
  ];
  const found = tokens(body);
  if (body.includes('closed(')) found.push('halted', 'closed', 'unsynced');
  if (/\bjudge_exit\(|\brefuse_early\(/.test(body)) found.push('no_position', 'unconfirmed');
  if (/\binvalid\(|read_arguments\(|read_wish\(/.test(body)) found.push('invalid');
  if (body.includes('@include "attempt"')) found.push(...tokens(include('attempt')));
  if (body.includes('@include "choosing"')) {
    for (const line of include('selection')
      .split('\n')
      .filter((text) => /return nil, /.test(text)))
      found.push(...matches(line, /'([a-z_]+)'/g));
  }
  return unique(found);
}

/**
 * Where a function is called with the name of a script first, however the call is broken into lines; -1:
 * nowhere.
 */
const call = (text: string, name: string, script: string): number =>
  text.search(new RegExp(`\\b${name}\\(\\s*'${script}'`));

/** The outcomes that the wrapper of a script takes, by script. */
function wrapperOutcomes(): Map<string, string[]> {
  const outcomes = new Map<string, string[]>();
  for (const file of readdirSync(join(ROOT, 'src', 'ledger', 'commands'))) {
    const text = read('src', 'ledger', 'commands', file);
    const own = listed(/const OUTCOMES = \[([^\]]*)\]/.exec(text)?.[1] ?? '');
    for (const [, script = '', list = ''] of text.matchAll(
      /decode\(\s*'([\w-]+)',\s*(\[[^\]]*\]|OUTCOMES)/g,
    )) {
      const named = list.includes('OUTCOMES') ? (own.length > 0 ? own : [...OUTCOMES]) : [];
      const [sent, decoded] = [call(text, 'run', script), call(text, 'decode', script)];
      const also = matches(sent < decoded ? text.slice(sent, decoded) : '', /raw\[0\] !== '(\w+)'/g);
      outcomes.set(script, unique([...named, ...listed(list), ...also]));
    }
  }
  return outcomes;
}

const thrown = (token: string): boolean => token !== 'invalid' && token !== 'contradiction';

describe('the header of', () => {
  const wrappers = wrapperOutcomes();

  it.each(scriptNames())('%s says what its body and its wrapper do', (script) => {
    const { keys, names, repeated, reply, body: own } = readHeader(script);
    const body = own.includes('@include "told-prices"') ? `${own}\n${include('told-prices')}` : own;
    expect(keys, 'KEYS').toEqual([1]);
    expect(matches(body, /KEYS\[(\d+)\]/g).filter((position) => position !== '1')).toEqual([]);

    const inOrder = argumentNames(body);
    expect(names.slice(0, inOrder.length), 'names of ARGV').toEqual(inOrder);
    for (const position of matches(body, /ARGV\[(\d+)\]/g))
      expect(Number(position), `ARGV[${position}]`).toBeLessThanOrEqual(names.length);
    for (const name of names.slice(inOrder.length))
      expect(body, `ARGV ${name}`).toMatch(new RegExp(`local ${name} = ARGV\\[`));
    if (repeated.length > 0) {
      const list = /local (?:POSITION|ITEM) = \{([^}]*)\}/.exec(body)?.[1];
      const checked =
        list === undefined ? unique(matches(body, /invalid\('[\w-]+', '(\w+)', ARGV\[i/g)) : listed(list);
      expect(list === undefined ? unique(repeated) : repeated, 'ARGV[n..]').toEqual(checked);
    }

    expect(answers(body), 'Reply').toEqual(reply);
    expect(wrappers.get(script)?.filter(thrown), 'the outcomes of the wrapper').toEqual(reply.filter(thrown));
  });
});
