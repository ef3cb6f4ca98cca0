/** What `up` prints for who joins from another terminal. */
import { expect, it } from 'vitest';
import { howToPlan } from '../../src/cli/up/alpaca-job.ts';
import { BUDGET, howToJoin } from '../../src/cli/up/demo-exchange.ts';
import { FURTHER_RULES } from '../../src/cli/up/further-rules.ts';
import type { OpenRedis } from '../../src/redis/open.ts';
import { describeSettings, type Env, fingerprint, readSettings } from '../../src/rules/settings.ts';

const REDIS = { owned: true, url: 'redis://127.0.0.1:1' } as OpenRedis;

const libraryLine = (env: Env): string =>
  howToJoin(REDIS, 'demo', 'http://127.0.0.1:2', describeSettings(env))[0] ?? '';

/** What a shell makes of it; none of these values has a quote. */
function exported(line: string): Env {
  const pairs = [...line.matchAll(/([A-Z_]+)=('[^']*'|\S+)/g)];
  return Object.fromEntries(pairs.map(([, name = '', text = '']) => [name, text.replaceAll("'", '')]));
}

it('has the rule settings that differ from the defaults, so that a bot that exports it may steal', () => {
  const env = { ...FURTHER_RULES, WORK_STEALING_POOLS: 'stock:2, crypto:1', WORK_STEALING_PARTIAL: '1' };
  const line = libraryLine(env);
  expect(line).toMatch(/^Library: for a bot, export REDIS_URL=redis:\S+ WORKSTEAL_ACCOUNT=demo /);
  expect(line).toContain(" WORK_STEALING_POOLS='stock:2, crypto:1'");
  expect(line).toContain(' WORK_STEALING_BUDGET=2');
  const [theirs, ours] = [exported(line), env].map((vars) => fingerprint(readSettings(vars).settings));
  expect(theirs).toBe(ours);
});

it('has the budget of requests of the roles: with a smaller one a bot would send nothing', () => {
  expect(exported(libraryLine({}))).toMatchObject(BUDGET);
});

it('of a paper account has them, too, with its own Redis and with another one', () => {
  const rules = describeSettings({ WORK_STEALING_BUDGET: '2' });
  expect(howToPlan(REDIS, 'main', rules)[1]).toBe(
    `  export REDIS_URL=${REDIS.url} WORKSTEAL_ACCOUNT=main WORK_STEALING_BUDGET=2`,
  );
  expect(howToPlan({ ...REDIS, owned: false }, 'main', rules)[1]).toBe(
    '  (with the REDIS_URL of this one, and WORKSTEAL_ACCOUNT=main WORK_STEALING_BUDGET=2)',
  );
});

it('has no rule setting where all have their defaults', () => {
  expect(libraryLine({})).not.toMatch(/WORK_STEALING_/);
});
