/** SIGTERM to a role's parent ends the role too, although the parent does not forward it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { CHILD_ENV } from '../support/child-env.ts';
import { PATIENCE, startFleet } from '../support/fleet.ts';
import { PROGRAM } from '../support/program.ts';
import { startRedis } from '../support/redis.ts';

/** As npx: starts a role, tells its pid and waits for it; a SIGTERM ends this process alone. */
const RUNNER = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' });
process.stdout.write(child.pid + '\\n');
`;

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('a keeper ends with the program that started it, and gives the election back', {
  timeout: 60_000,
}, async () => {
  const redis = await startRedis();
  const fleet = await startFleet(redis.url);
  try {
    const broker = {
      APCA_API_BASE_URL: fleet.exchange.url,
      APCA_API_DATA_URL: fleet.exchange.url,
      APCA_API_KEY_ID: 'k',
      APCA_API_SECRET_KEY: 's',
    };
    const env = {
      ...CHILD_ENV,
      REDIS_URL: redis.url,
      WORKSTEAL_ACCOUNT: fleet.account,
      WORKSTEAL_LEASE_MS: '1500',
      ...broker,
    };
    const args = ['-e', RUNNER, PROGRAM, 'keep'];
    const runner = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: runner.stdout }), 'line')) as [string];
    await fleet.reconciled();
    expect(isThere(Number(line))).toBe(true);
    runner.kill('SIGTERM');
    await expect.poll(() => isThere(Number(line)), PATIENCE).toBe(false);
    expect(await fleet.ledger.redis.exists(`ws:{${fleet.account}}:keeper`)).toBe(0);
  } finally {
    await fleet.close();
    await redis.close();
  }
});
