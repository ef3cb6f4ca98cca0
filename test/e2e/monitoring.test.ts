/**
 * docs/monitoring on a running fleet: promtool takes the rules and their tests; each panel's query returns
 * data from a real Prometheus.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { changeTokenFile, makeToken, recordOf } from '../../src/http/token-file.ts';
import { packageRoot } from '../../src/package-root.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Fleet, PATIENCE, startFleet } from '../support/fleet.ts';
import { type Prometheus, promtool, startPrometheus } from '../support/prometheus.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { SseClient } from '../support/sse-client.ts';

const FOLDER = join(packageRoot(), 'docs', 'monitoring');
const RULES = ['recording.yml', 'alerts.yml'].map((file) => join(FOLDER, file));
const file = (name: string): string => join(FOLDER, name);

type Panel = { title: string; targets?: { expr: string }[] };
const dashboard = JSON.parse(readFileSync(file('dashboard.json'), 'utf8')) as { panels: Panel[] };
/** Title and query, as Grafana would send it. */
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({
    title,
    query: expr.replaceAll('$account', '.*').replaceAll('$__rate_interval', '1m'),
  })),
);

const redis = useRedis();
let fleet: Fleet | undefined;
let prometheus: Prometheus | undefined;
let viewer: SseClient | undefined;
let folder: string | undefined;
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && fleet) process.stderr.write(`${fleet.story()}\n`);
  await viewer?.close();
  await prometheus?.close();
  await fleet?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

it('promtool finds no fault in the rules and the example, and their tests pass', async () => {
  expect(await promtool('check', 'rules', ...RULES)).not.toMatch(/FAILED/);
  await promtool('check', 'config', file('prometheus.yml'));
  expect(await promtool('test', 'rules', file('rules.test.yml'))).toMatch(/SUCCESS/);
});

/** What its log says of an address: `metrics: served at http://…`, without scheme and path. */
async function servedAt(role: RoleProcess, what: 'metrics' | 'api'): Promise<string> {
  const said = new RegExp(`^${what}: served at http://([^/\\s]+)`);
  await role.until(`its ${what} are served`, ({ lines }) => lines.some(({ msg }) => said.test(msg)));
  return role.lines.map(({ msg }) => said.exec(msg)?.[1]).find((found) => found !== undefined) ?? '';
}

it('each query of the dashboard returns data from a running fleet, and no rule fails', async () => {
  fleet = await startFleet(redis.url);
  const { account, exchange } = fleet;
  folder = await mkdtemp(join(tmpdir(), 'worksteal-monitoring-'));
  const tokens = join(folder, 'tokens.json');
  const token = makeToken();
  const reader = recordOf(token, { name: 'viewer', scope: 'read', accounts: [] }, 0);
  changeTokenFile(tokens, ({ bots }) => ({ tokens: [reader], bots }));
  const metered = { WORKSTEAL_METRICS_PORT: '0', WORKSTEAL_MAX_PLANS: '9' };
  const serve = fleet.start('serve', 'api', {
    ...{ ...metered, WORKSTEAL_API_PORT: '0', WORKSTEAL_API_TOKENS: tokens },
  });
  const roles = [
    ...(['keep', 'work', 'watch'] as const).map((role) => fleet?.start(role, role, metered)),
    serve,
  ];
  fleet.price('V0', '100.5');
  fleet.price('T0', '100.2');
  fleet.price('V1', '100.5');
  await fleet.file({ id: 'worse', symbol: 'V0', pnl: '1' });
  const targets = await Promise.all(roles.map((role) => servedAt(role as RoleProcess, 'metrics')));
  prometheus = await startPrometheus([...targets, new URL(exchange.url).host], RULES);
  const api = `http://${await servedAt(serve, 'api')}/v1/accounts/${account}`;
  viewer = new SseClient(() => `${api}/events`, token);
  await fetch(`${api}/status`, { headers: { authorization: `Bearer ${token}` } });
  await expect.poll(() => fleet?.order('worse_1'), PATIENCE).toMatchObject({ state: 'working' });
  await expect
    .poll(async () => (await prometheus?.query('count(up == 1)'))?.[0]?.value[1], PATIENCE)
    .toBe(String(targets.length + 1));
  // A steal, which Prometheus sees happen; and a plan that finds no room.
  fleet.price('V0', '110');
  await fleet.priceKnown('V0', '110');
  await fleet.file({ id: 'better', symbol: 'T0', pnl: '2.5' });
  await fleet.file({ id: 'waits', symbol: 'V1', pnl: '0.5' });
  let missing = queries;
  const ask = async (): Promise<string[]> => {
    const found = await Promise.all(
      missing.map(async ({ query }) => {
        const samples = (await prometheus?.query(query)) ?? [];
        return samples.some(({ value }) => !Number.isNaN(Number(value[1])));
      }),
    );
    missing = missing.filter((_, at) => !found[at]);
    return missing.map(({ title, query }) => `${title}: ${query}`);
  };
  await expect.poll(ask, { timeout: 60_000, interval: 500 }).toEqual([]);
  const unwell = (await prometheus.rules()).filter(({ health }) => health !== 'ok');
  expect(unwell).toEqual([]);
}, 180_000);
