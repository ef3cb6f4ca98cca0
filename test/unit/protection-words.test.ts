/** Every rule that protects an order (lua/include/eligibility.lua) has words for people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const read = (file: string): string => readFileSync(join(packageRoot(), 'lua', file), 'utf8');

/** The names that the functions of eligibility.lua return, and those of the sets of symbols. */
function rulesOf(text: string): string[] {
  const code = text.replaceAll(/--.*$/gm, '');
  const returned = [...code.matchAll(/(?:\breturn|\brule =) '(\w+)'/g)].map(([, name = '']) => name);
  const [, sets = ''] = /SYMBOL_PROTECTIONS = \{(.*?)\}/s.exec(code) ?? [];
  return [...returned, ...[...sets.matchAll(/'(\w+)'/g)].map(([, name = '']) => name)];
}

it('the table in lua/inspect/include/protection.lua has every rule of eligibility.lua', () => {
  const rules = rulesOf(read('include/eligibility.lua'));
  const words = [...read('inspect/include/protection.lua').matchAll(/^ {2}(\w+) = function/gm)];
  expect(rules).toContain('vip');
  expect(rules.sort()).toEqual(words.map(([, name = '']) => name).sort());
});

it('a new rule is noticed', () => {
  const text = "local function order_protection(order)\n  return 'young', order.created_at_ms + 1\nend\n";
  expect(rulesOf(text)).toEqual(['young']);
});
