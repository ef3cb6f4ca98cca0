/** OpenTelemetry and bull-board are optional: they are loaded where they are asked for, or installed. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOARD_PACKAGES } from '../../src/http/queues/board.ts';
import { packageRoot } from '../../src/package-root.ts';
import { TRACING_PACKAGES } from '../../src/tracing/open.ts';

const files = globSync('{src,workers}/**/*.ts', { cwd: packageRoot() }).sort();
const matching = (pattern: RegExp): string[] =>
  files.filter((file) => pattern.test(readFileSync(join(packageRoot(), file), 'utf8')));
const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));

it('two files import OpenTelemetry, and only by a dynamic import are these reached', () => {
  expect(matching(/from '@opentelemetry\//)).toEqual([
    'src/tracing/open-telemetry.ts',
    'src/tracing/sending.ts',
  ]);
  expect(matching(/from '.*\/(open-telemetry|sending)\.ts'/)).toEqual(['src/tracing/open-telemetry.ts']);
  expect(matching(/import\('\.\/open-telemetry\.ts'\)/)).toEqual(['src/tracing/open.ts']);
});

it('nothing imports bull-board but by a dynamic import', () => {
  expect(matching(/^import .*from '@bull-board\//m)).toEqual([]);
});

it('the packages that a user is told to install are optional, and tested with these versions', () => {
  for (const name of [...TRACING_PACKAGES, ...BOARD_PACKAGES]) {
    expect(manifest.peerDependencies[name], name).toBe(`^${manifest.devDependencies[name]}`);
    expect(manifest.peerDependenciesMeta[name], name).toEqual({ optional: true });
    expect(manifest.dependencies[name], name).toBeUndefined();
  }
  const text = readFileSync(join(packageRoot(), 'src/tracing/open-telemetry.ts'), 'utf8');
  const all = `${text}${readFileSync(join(packageRoot(), 'src/tracing/sending.ts'), 'utf8')}`;
  const imported = [...all.matchAll(/from '(@opentelemetry\/[^']+)'/g)].map(([, name]) => name);
  expect([...new Set(imported)].sort()).toEqual([...TRACING_PACKAGES].sort());
});
