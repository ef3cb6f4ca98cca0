/** A role whose Redis goes away says so in one line, and in another when it is back; nothing in between. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { type EmbeddedRedis, startEmbedded } from '../../src/redis/embedded.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { RoleProcess } from '../support/role-process.ts';

const AWAY_MS = 4_000;
const LIMIT_MS = 60_000;

let binary = '';
let redis: EmbeddedRedis;

async function start(port?: number): Promise<EmbeddedRedis> {
  const at = port === undefined ? {} : { port };
  const one = await startEmbedded({ binary, persistence: 'none', ...at });
  const ledger = await openLedger(one.url, 'main');
  await configure(ledger, readSettings({}).settings, 10_000);
  await ledger.close();
  return one;
}

beforeAll(async () => {
  binary = (await serverBinary(process.env, { info: () => {}, warn: () => {} })).path;
  redis = await start();
});
afterAll(() => redis.close());

it('watch, work and keep', { timeout: 3 * LIMIT_MS }, async () => {
  const env = {
    REDIS_URL: redis.url,
    APCA_API_KEY_ID: 'k',
    APCA_API_SECRET_KEY: 's',
    APCA_API_BASE_URL: 'http://127.0.0.1:1',
    WORKSTEAL_METRICS_PORT: '0',
  };
  const roles = ['watch', 'work', 'keep'].map((name) => new RoleProcess(name, [name], env));
  try {
    for (const role of roles) await role.until('serves', () => said(role, /^metrics: served/) > 0, LIMIT_MS);
    await wait(1_000);
    const { port } = redis;
    await redis.close();
    for (const role of roles) await role.until('misses Redis', () => said(role, / is away: /) > 0, LIMIT_MS);
    const before = roles.map((role) => role.lines.length);
    await wait(AWAY_MS);
    for (const [at, role] of roles.entries()) {
      const between = role.lines.slice(before[at]).map(({ msg, err }) => `${msg} ${JSON.stringify(err)}`);
      expect(
        between.filter((line) => !/broker|trade updates|ECONNREFUSED.*1:1/.test(line)),
        role.name,
      ).toEqual([]);
    }
    redis = await start(port);
    for (const role of roles)
      await role.until('is back', () => said(role, / is back after \d+\.\d s$/) > 0, LIMIT_MS);
    for (const role of roles) {
      expect(said(role, / is away: /), role.name).toBe(1);
      expect(role.lines.map((line) => JSON.stringify(line)).join('\n')).not.toMatch(
        /\\n\s+at |enableOfflineQueue/,
      );
    }
  } finally {
    await Promise.all(roles.map((role) => role.stop()));
  }
  // Ending is no outage.
  for (const role of roles) expect(said(role, / is away: /), role.name).toBe(1);
});

function said(role: RoleProcess, like: RegExp): number {
  return role.lines.filter(({ msg }) => like.test(msg)).length;
}
