/** docs/json.md lists every object that a command prints with --json, every exit code and every error. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXIT, errorsOf } from '../../src/cli/exit-code.ts';
import { DOCUMENTS } from '../../src/json/documents.ts';
import { jsonLine } from '../../src/json/print.ts';
import { packageRoot } from '../../src/package-root.ts';
import { assembledPage, fieldsOf } from '../support/json-page.ts';

const page = readFileSync(join(packageRoot(), 'docs', 'json.md'), 'utf8');

it('the page has exactly the fields of the schemas; npm run json:assemble mends it', () => {
  expect(page).toBe(assembledPage());
});

it('the page has every exit code with its errors', () => {
  for (const code of Object.values(EXIT)) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${code} |`));
    for (const error of errorsOf(code)) expect(row, String(code)).toContain(`\`${error}\``);
  }
});

describe.each(Object.entries(DOCUMENTS))('the object of %s', (_name, schema) => {
  it('begins with the version of the contract', () => {
    expect(fieldsOf(schema)[0]).toMatchObject({ path: 'schema', type: '`1`' });
  });

  it('says what each field means', () => {
    expect(fieldsOf(schema).filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('has the unit of money and of times in the name', () => {
    const units = [
      { meaning: /^micro-USD/, name: /(^m|M)icros$/ },
      { meaning: /^ms\b/, name: /Ms(\[\])?$/ },
    ];
    for (const { path, meaning } of fieldsOf(schema))
      for (const unit of units)
        expect(unit.name.test(path), `${path}: ${meaning}`).toBe(unit.meaning.test(meaning));
  });
});

describe('printing', () => {
  const schema = z.strictObject({ schema: z.literal(1), room: z.int() });

  it('puts the version first, one object a line', () => {
    expect(jsonLine(schema, { room: 5 })).toBe('{"schema":1,"room":5}\n');
  });

  it.each([
    ['a missing field', {}],
    ['an unknown field', { room: 5, more: 1 }],
    ['a number as text', { room: '5' }],
  ])('refuses %s as a bug', (_what, fields) => {
    expect(() => jsonLine(schema, fields)).toThrowError(expect.objectContaining({ code: 'bug' }));
  });
});
