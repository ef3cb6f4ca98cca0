/** Corrupts a text as a typo, a faulty program or an attacker might. */
import type { Chance } from './chance.ts';

/** Texts that are wrong nearly everywhere, by what they attack. */
const NUMBERS = [
  '-1',
  '-0',
  '+5',
  '007',
  '1e3',
  '1E3',
  '1e-9',
  '0x10',
  '0b1',
  'NaN',
  'nan',
  'Infinity',
  'inf',
  '-inf',
  '1,5',
  '1.5',
  '1.',
  '.5',
  '1..5',
  '1_000',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775808',
  '18446744073709551616',
  '99999999999999999999',
  '0.0000000001',
  '1.0000000001',
  '1000000000001',
  '٣',
  '１',
  '½',
  '1 ',
  ' 1',
  '1\n',
  '1\0',
];
const WORDS = [
  '',
  ' ',
  'null',
  'undefined',
  'true',
  'false',
  '[object Object]',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'toString',
  'total',
];
const BREAKING = [
  '{',
  '}',
  '{}',
  '{main}',
  '*',
  '?',
  '[a-z]',
  ':',
  'a:b',
  'ws:{x}:account',
  '../..',
  'a b',
  'a|b',
  'a;b',
  'a#b',
  'a>b',
  '%s',
  '%00',
];
const INSIDE = [
  '\0',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '{',
  '}',
  ':',
  '*',
  ';',
  '|',
  '"',
  "'",
  '\\',
  '/',
  '$',
  '\u001b[2J',
  'é',
  '😀',
  '\u202e',
  '\ufeff',
  '\ud800',
];
const LENGTHS = [17, 21, 33, 49, 65, 129, 257, 1_025, 20_001];
/** One in so many is a megabyte. */
const HUGE_ONCE = 2_000;
const HUGE = 1_048_576;

export type Spoiled = string | Buffer;

/**
 * Another text, drawn from all of the above. Rarely it is a right one: the caller sees that by the answer.
 */
export function spoil(text: string, chance: Chance): Spoiled {
  if (chance.once(HUGE_ONCE)) return chance.pick(['x', '1', '\0', '{']).repeat(HUGE);
  switch (chance.below(12)) {
    case 0:
    case 1:
      return chance.pick(NUMBERS);
    case 2:
      return chance.pick(WORDS);
    case 3:
      return chance.pick(BREAKING);
    case 4:
    case 5:
      return inserted(text, chance.pick(INSIDE), chance);
    case 6:
      return chance.bytes(1 + chance.below(12));
    case 7:
      // Half a character, and bytes that are not valid UTF-8.
      return Buffer.concat([
        Buffer.from(text),
        Buffer.from(chance.pick([[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0]])),
      ]);
    case 8:
      return chance.pick(['x', 'A', '9', ' ', '\u00e9', '-']).repeat(chance.pick(LENGTHS));
    case 9:
      return `${chance.pick(['-', '+', ' ', '0x', '.', '$', '#', '\n'])}${text}`;
    case 10:
      return `${text}${chance.pick([' ', '\n', '\0', 'e3', '.', ',', ';', '0000000000', 'x', '/', '%'])}`;
    default:
      return swapped(text, chance);
  }
}

/** The same as text: for what takes no bytes. */
export function spoilText(text: string, chance: Chance): string {
  const spoiled = spoil(text, chance);
  return typeof spoiled === 'string' ? spoiled : spoiled.toString('latin1');
}

function inserted(text: string, part: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  return text.slice(0, at) + part + text.slice(at);
}

/** In the other case, turned round, cut in half or twice. */
function swapped(text: string, chance: Chance): string {
  const upper = text.toUpperCase();
  return chance.pick([
    upper === text ? text.toLowerCase() : upper,
    [...text].reverse().join(''),
    text.slice(0, text.length / 2),
    text + text,
  ]);
}
