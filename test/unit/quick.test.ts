/** What `npm test` leaves out (test/quick.ts) exists: a renamed file would be run again, or never missed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { SLOW } from '../quick.ts';

/** `a/{b,c}.ts` -> `a/b.ts`, `a/c.ts` */
function expanded(glob: string): string[] {
  const [, before = glob, names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
  return names === undefined ? [glob] : names.split(',').map((name) => `${before}${name}${after}`);
}

describe('the quick tests leave out', () => {
  it.each(SLOW.flatMap(expanded))('%s, which exists', (file) => {
    expect(existsSync(join(packageRoot(), file))).toBe(true);
  });
});
