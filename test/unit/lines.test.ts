/** No line is longer than 110 characters, the formatter's own limit for code. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const MAX_CHARS = 110;

/** Scripts for redis-cli are generated (lua/redis-cli); pages have a test of their own (citations). */
const CODE = [
  '{src,workers,test,bench,build,spec,lua,.ci}/**/*.{ts,tsx}',
  'src/page/**/*.css',
  '*.ts',
  'lua/*.lua',
  'lua/{include,inspect}/**/*.lua',
  'spec/*.pml',
  '.ci/{run,images}',
  'Dockerfile',
  'docker-compose.yml',
  'deploy/**/*.{yml,yaml,js,service,target,env}',
  'deploy/image/assemble',
];

/** Quotes lines of the product word for word. */
const QUOTING = 'test/mutations/kinds/';

/** The clients' tests install packages into their own folder. */
const isOurs = (file: string): boolean => !file.startsWith(QUOTING) && !file.includes('node_modules');

function longLines(file: string): string[] {
  const lines = readFileSync(join(packageRoot(), file), 'utf8').split('\n');
  return lines.flatMap((line, at) => ([...line].length > MAX_CHARS ? [`${file}:${at + 1}`] : []));
}

describe(`lines of at most ${MAX_CHARS} characters`, () => {
  it('make up the code', () => {
    const files = globSync(CODE, { cwd: packageRoot() }).filter(isOurs);
    expect(files.length).toBeGreaterThan(600);
    expect(files.flatMap(longLines)).toEqual([]);
  });
});
