import { defineConfig } from 'vitest/config';

const SECOND_MS = 1_000;

/** One project for each folder of tests; `npm test` picks them (test/run.ts). */
function project(name: string, include: string[], testTimeout: number, more: object = {}): object {
  return { extends: true, test: { name, include, testTimeout, hookTimeout: 30 * SECOND_MS, ...more } };
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 10 * SECOND_MS,
    // A test that needs longer says so itself; nothing may pass because nothing ran.
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], 5 * SECOND_MS),
      project('contract', ['test/contract/**/*.test.ts'], 15 * SECOND_MS),
      project('model', ['test/model/**/*.test.ts'], 60 * SECOND_MS),
      project('faults', ['test/faults/**/*.test.ts'], 60 * SECOND_MS),
      project('e2e', ['test/e2e/**/*.test.ts'], 60 * SECOND_MS),
      // The contract suite once more, on a Redis in a container; what tests the servers of our own stays out.
      project('containers', ['test/containers/**/*.test.ts', 'test/contract/**/*.test.ts'], 60 * SECOND_MS, {
        exclude: ['test/contract/redis/**'],
        globalSetup: ['test/containers/setup.ts'],
        setupFiles: ['test/containers/use-container.ts'],
        hookTimeout: 120 * SECOND_MS,
      }),
    ],
  },
});
