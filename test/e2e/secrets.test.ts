/** What a person sees when Redis refuses the password: the reason, and never the password. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { startPrivateRedis } from '../support/redis.ts';

let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.close());

/** Both outputs of a command that fails. */
function output(args: readonly string[], env: Record<string, string>): Promise<string> {
  const file = join(packageRoot(), 'src/cli/main.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { env: { PATH: process.env['PATH'], ...env }, timeout: 20_000 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

it.each([['status'], ['config'], ['watch']])('%s', { timeout: 60_000 }, async (command) => {
  const { host } = new URL(redis.url);
  const urls = [host, '127.0.0.1:1', `${host}:no-port`].map((at) => `redis://fleet:open-sesame@${at}`);
  for (const told of await Promise.all(urls.map((url) => output([command], { REDIS_URL: url, WORKSTEAL_LOG_LEVEL: 'trace' })))) {
    expect(told).not.toContain('open-sesame');
    expect(told).toMatch(/Redis at \S+ does not answer|REDIS_URL|settings/);
  }
});
