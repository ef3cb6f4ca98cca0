/**
 * Texts that would break out of a key, widen a pattern or end a line, were they taken for an id or a symbol.
 */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a brace that ends the hash tag': 'a}:account',
  'another hash tag': '{other}',
  'a whole key of another account': 'x ws:{other}:account',
  'a colon': 'a:b',
  'a star': 'a*',
  'a question mark': 'a?',
  'a range of characters': '[a-z]',
  'a bar, as between two symbols': 'A|B',
  'a blank': 'a b',
  'a line break': 'a\nb',
  'a line break at its end': 'A\n',
  'a carriage return and a command': 'A\r\nFLUSHALL\r\n',
  'a NUL': 'A\0B',
  'a NUL at its end': 'A\0',
  'a way up': '../../etc/passwd',
  'a backslash': 'a\\b',
  quotes: `'"a`,
  'an expression of a shell': '$(id)',
  'an escape sequence of a terminal': '\u001b[2J',
  'a letter of another alphabet': 'ＡＢ',
  'a small letter that is two great ones': 'ß',
  'a small letter whose great one is in ASCII': 'ſ',
  'a tail of its own': 'A]',
  'a hundred thousand characters': 'A'.repeat(100_000),
};

/** What a key of a ledger may look like, of whatever account. */
export const LEDGER_KEY = /^ws:\{[A-Za-z0-9_-]{1,64}\}:[a-z_]+(:[A-Za-z0-9_.|-]+)*$/;
