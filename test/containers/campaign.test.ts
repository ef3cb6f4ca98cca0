/**
 * A short campaign on a Redis in a container: everything but what only a server of our own can be made to
 * suffer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/redis/connect.ts';
import { runCampaign } from '../faults/campaign/campaign.ts';
import type { Ground } from '../faults/campaign/ground.ts';
import { KINDS } from '../faults/campaign/kinds.ts';
import { over, type Strike } from '../faults/campaign/strikes/strike.ts';
import { failures } from '../faults/campaign/verdict.ts';
import { startRedisContainer } from './redis-container.ts';

const SECONDS = 15;
const SEED = 8;
const SHOWN = 40;

async function inContainer(): Promise<Ground> {
  const container = await startRedisContainer();
  const admin = connect(container.url, 'campaign');
  admin.on('error', () => {});
  const once =
    (hurt: () => Promise<unknown>): Strike =>
    async () => {
      await hurt();
      return over;
    };
  const strikes = {
    redis_flushall: once(() => admin.flushall()),
    redis_script_flush: once(() => admin.script('FLUSH')),
  };
  const { hostname, port } = new URL(container.url);
  return {
    url: container.url,
    address: { host: hostname, port: Number(port) },
    accounts: ['campaign'],
    kinds: KINDS.filter(({ name }) => name in strikes),
    strikes,
    async close() {
      admin.disconnect();
      await container.close();
    },
  };
}

it('keeps every promise on a Redis in a container', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-campaign-'));
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const ground = await inContainer();
  const { summary, details } = await runCampaign(
    { seed: SEED, seconds: SECONDS, ground, folder, say },
    AbortSignal.timeout(150_000),
  );
  const wrong = failures(summary);
  // What is wrong comes first: long messages are cut short where they are shown.
  const whole = ['', ...wrong, ...details.slice(0, SHOWN), `seed ${SEED}:`, ...said].join('\n');
  expect({ wrong, details }, whole).toEqual({ wrong: [], details: [] });
  rmSync(folder, { recursive: true, force: true });
}, 180_000);
