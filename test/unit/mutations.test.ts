/** test/mutations: the table can not rot. That each mutation is found is for `npm run mutations` to show. */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { mutated } from '../mutations/mutation.ts';
import { MUTATIONS } from '../mutations/table.ts';

const pathOf = (file: string): string => join(packageRoot(), file);
const textOf = (file: string): string => readFileSync(pathOf(file), 'utf8');

/**
 * The text of a test file and of what it imports from its own folder, which may hold tests for several, or
 * from the suite that the package exports.
 */
function withImports(file: string): string {
  const text = textOf(file);
  const imports = /^import .*? from '(\.\/[^']+|\.\.\/[^']+\/conformance\/[^']+)';$/gm;
  const own = [...text.matchAll(imports)].map(([, path]) => path as string);
  return [text, ...own.map((path) => withImports(join(dirname(file), path)))].join('\n');
}

describe('A mutation', () => {
  it('has a name of its own', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS)('of the table: $name', (mutation) => {
    expect(existsSync(pathOf(mutation.file)), mutation.file).toBe(true);
    expect(existsSync(pathOf(mutation.by)), mutation.by).toBe(true);
    const whole = textOf(mutation.file);
    const broken = mutated(mutation, whole);
    expect(broken).not.toBe(whole);
    // A text that can't be read would be no mutation of what it does.
    if (mutation.file.endsWith('.ts')) stripTypeScriptTypes(broken, { mode: 'transform' });
    // A name is put together by describe, it and each: all its words are somewhere in the file.
    const tests = withImports(mutation.by);
    for (const word of mutation.test?.split(' ') ?? []) expect(tests, mutation.by).toContain(word);
  });

  it.each(['none', 'a b a b'])('whose text is not there exactly once is refused: %s', (whole) => {
    expect(() => mutated({ name: 'n', file: 'f', text: 'a b', broken: '', by: 't' }, whole)).toThrow(
      /not once/,
    );
  });
});
