/** What is wrong with a setting or an option, in words: given to zod as the `error` of a parse. */
import type { z } from 'zod';
import { shown } from '../domain/shown.ts';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** The pattern of names: of an account, a host, a bot. */
const NAME = /^\/\^\[A-Za-z0-9_-\]\{1,(\d+)\}\$\/$/;

/** The end of a sentence that begins with the name of the field. A schema's own message takes precedence. */
export function issueWords(issue: Issue): string {
  const { code, input } = issue;
  if (code === 'invalid_type') {
    if (input === undefined) return 'is missing';
    return issue.expected === 'int'
      ? `${quoted(input)}is not a whole number`
      : `${quoted(input)}is not ${a(issue.expected)}`;
  }
  if (code === 'too_small')
    return size(input, 'at least', issue.minimum, issue.inclusive === false, issue.origin);
  if (code === 'too_big')
    return size(input, 'at most', issue.maximum, issue.inclusive === false, issue.origin);
  if (code === 'invalid_value') {
    const given = input === undefined ? 'is missing; it ' : quoted(input);
    return `${given}must be ${issue.values.map(String).join(' or ')}`;
  }
  if (code === 'invalid_format') return `${quoted(input)}must ${format(issue.format, issue.pattern)}`;
  if (code === 'unrecognized_keys') return `${issue.keys.join(', ')}: not known`;
  return input === undefined ? 'is missing' : `${quoted(input)}is not valid`;
}

function format(name: string, pattern = ''): string {
  if (name === 'url') return 'be an address such as https://host:port';
  const [, length] = NAME.exec(pattern) ?? [];
  if (length !== undefined) return `be 1 to ${length} of A-Z, a-z, 0-9, _ and -`;
  return name === 'regex' ? `look like ${pattern}` : `be ${a(name)}`;
}

function quoted(input: unknown): string {
  const isPlain = typeof input === 'string' || (typeof input === 'number' && !Number.isNaN(input));
  return isPlain ? `"${shown(String(input))}" ` : '';
}

function a(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function size(input: unknown, bound: string, limit: number | bigint, above: boolean, origin: string): string {
  const unit = origin === 'string' ? ' characters long' : '';
  const words = above ? (bound === 'at least' ? `above ${limit}` : `below ${limit}`) : `${bound} ${limit}`;
  return `${quoted(input)}must be ${words}${unit}`;
}
