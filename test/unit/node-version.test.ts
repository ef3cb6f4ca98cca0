/** One version of Node runs worksteal, and everything that names it names the same one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_MAJOR, requireNode } from '../../src/cli/node-version.ts';
import { packageRoot } from '../../src/package-root.ts';

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

describe('the check at the start', () => {
  it.each([`${NODE_MAJOR}.0.0`, `${NODE_MAJOR + 2}.1.0`])('takes Node %s', (version) => {
    expect(() => requireNode(version)).not.toThrow();
  });

  it.each(['20.20.2', `${NODE_MAJOR - 1}.99.0`])('refuses Node %s, and says what to do', (version) => {
    expect(() => requireNode(version)).toThrow(
      `this is Node ${version}; worksteal runs on Node ${NODE_MAJOR}, which its packages bring`,
    );
  });
});

it('README, decision 6 and the compose file name that version', () => {
  expect(read('README.md')).toContain(`Node ${NODE_MAJOR}`);
  expect(read('docs/decisions/0006-node-by-platform-package.md')).toContain(`Node ${NODE_MAJOR} runs`);
  expect(read('docker-compose.yml')).toContain(`node:${NODE_MAJOR}-slim`);
});

it('the packages bring that version or a newer one', () => {
  const { optionalDependencies } = JSON.parse(read('package.json')) as {
    optionalDependencies: Record<string, string>;
  };
  for (const version of Object.values(optionalDependencies))
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(NODE_MAJOR);
});
