/** What the roles report goes in, what Prometheus reads comes out. */
import { afterEach, describe, expect, it } from 'vitest';
import { REFUSALS } from '../../../src/domain/outcome.ts';
import type { KeeperReport } from '../../../src/keeper/keeper.ts';
import { type Metrics, openMetrics } from '../../../src/ops/metrics/metrics.ts';
import { type ProcessServer, serveProcess } from '../../../src/ops/process-server.ts';
import { Readiness } from '../../../src/ops/readiness.ts';
import { WatcherStats } from '../../../src/watcher/stats.ts';

const metricsOf = (role: string): Metrics => openMetrics({ role, host: 'h1', account: 'main' });

/** The lines with this beginning, without it. */
async function lines(metrics: Metrics, beginning: string): Promise<string[]> {
  const text = await metrics.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .map((line) => line.slice(beginning.length));
}

const tier = (name: string, plans: number) => ({ tier: name, tolerance: '0.003', plans });

describe("a watcher's metrics", () => {
  it('have every answer from the start, at 0', async () => {
    const answers = await lines(metricsOf('watch'), 'worksteal_admissions_total');
    expect(answers).toEqual([
      ...['fits', 'stolen'].map((reason) => `{result="admitted",reason="${reason}"} 0`),
      ...[...REFUSALS, 'dry_run', 'steal_failed'].map((reason) => `{result="refused",reason="${reason}"} 0`),
    ]);
  });

  it('add up what is new in each report, under the tokens of the closed list alone', async () => {
    const metrics = metricsOf('watch');
    const stats = new WatcherStats();
    for (const how of ['fits', 'stolen', 'stolen'] as const) stats.admitted(how);
    for (const reason of ['no_price', 'steal_failed', 'of_another_version']) stats.refused(reason);
    metrics.record(stats.take(1));
    stats.refused('no_price');
    metrics.record(stats.take(1));
    const counted = (await lines(metrics, 'worksteal_admissions_total')).filter(
      (line) => !line.endsWith(' 0'),
    );
    expect(counted).toEqual([
      '{result="admitted",reason="fits"} 1',
      '{result="admitted",reason="stolen"} 2',
      '{result="refused",reason="no_price"} 2',
      '{result="refused",reason="steal_failed"} 1',
    ]);
  });

  it('tell latencies in seconds', async () => {
    const metrics = metricsOf('watch');
    const stats = new WatcherStats();
    for (const ms of [2, 4, 400]) stats.took('admit', ms);
    stats.took('blockedToGranted', 60);
    metrics.record(stats.take(1));
    const admit = await lines(metrics, 'worksteal_admit_seconds_');
    expect(admit).toContain('bucket{le="0.0025"} 1');
    expect(admit).toContain('bucket{le="0.5"} 3');
    expect(admit.slice(-2)).toEqual(['sum 0.406', 'count 3']);
    expect((await lines(metrics, 'worksteal_blocked_to_granted_seconds_')).slice(-2)).toEqual([
      'sum 0.06',
      'count 1',
    ]);
  });

  it('tell the plans in each tier as they are now, and none once they were given back', async () => {
    const metrics = metricsOf('watch');
    const stats = new WatcherStats();
    stats.waiting([tier('forced', 1), tier('wide', 2), tier('normal', 3), tier('gate', 2)]);
    metrics.record(stats.take(9));
    const seen = async () => [
      ...(await lines(metrics, 'worksteal_plans{')),
      ...(await lines(metrics, 'worksteal_plans_held')),
    ];
    expect(await seen()).toEqual([
      'tier="forced"} 1',
      'tier="wide"} 2',
      'tier="normal"} 3',
      'tier="gate"} 2',
      ' 9',
    ]);
    metrics.record(stats.take(0));
    expect(await seen()).toEqual([
      'tier="forced"} 0',
      'tier="wide"} 0',
      'tier="normal"} 0',
      'tier="gate"} 0',
      ' 0',
    ]);
  });

  it('pass over what is no report of a watcher', async () => {
    const metrics = metricsOf('watch');
    const before = await metrics.text();
    for (const report of [
      {},
      { type: 'plans', filed: 3 },
      { type: 'stats' },
      { ...new WatcherStats().take(1), plans: -1 },
    ])
      metrics.record(report);
    expect(await metrics.text()).toBe(before);
  });
});

describe('of the other roles', () => {
  it("a worker's are its cancellations by outcome, brought up to the totals it reports", async () => {
    const metrics = metricsOf('work');
    const report = {
      type: 'cancels',
      settled: 3,
      ended: 1,
      not_cancelling: 0,
      unknown: 0,
      failed: 2,
      doneMs: [4],
    };
    metrics.record(report);
    metrics.record({ ...report, settled: 5 });
    expect((await lines(metrics, 'worksteal_cancel_seconds_')).slice(-2)).toEqual(['sum 0.008', 'count 2']);
    expect(await lines(metrics, 'worksteal_cancels_total')).toEqual([
      '{outcome="settled"} 5',
      '{outcome="ended"} 1',
      '{outcome="not_cancelling"} 0',
      '{outcome="unknown"} 0',
      '{outcome="failed"} 2',
    ]);
  });

  it("a keeper's are its rounds by outcome, its corrections, and whether it is the active one", async () => {
    const metrics = metricsOf('keep');
    const seen = async () => [
      ...(await lines(metrics, 'worksteal_reconciles_total')),
      ...(await lines(metrics, 'worksteal_reconcile_corrected_total')),
      ...(await lines(metrics, 'worksteal_keeper_active')),
    ];
    expect(await seen()).toEqual([
      '{outcome="reconciled"} 0',
      '{outcome="rebuilt"} 0',
      '{outcome="failed"} 0',
      ' 0',
      ' 0',
    ]);
    const counts = {
      reconciles: 7,
      rebuilt: 1,
      failures: 2,
      corrected: 4,
      adopted: 0,
      applied: 9,
      settled: 0,
    };
    const steals = { granted: 5, failed: 1, unused: 2, refused: 0 };
    const cameTo = { regretMicros: 2_500_000, gainMicros: 12_000_001 };
    const more = { victimFills: 3, fights: 1, ...cameTo, stealMs: [1_500], driftMicros: 0, brokerMicros: 0 };
    const report: KeeperReport = { type: 'keeper', active: true, ...counts, steals, ...more };
    metrics.record(report);
    expect(await lines(metrics, 'worksteal_steals_total')).toEqual(
      Object.entries(steals).map(([outcome, n]) => `{outcome="${outcome}"} ${n}`),
    );
    expect(await seen()).toEqual([
      '{outcome="reconciled"} 6',
      '{outcome="rebuilt"} 1',
      '{outcome="failed"} 2',
      ' 4',
      ' 1',
    ]);
    expect(await lines(metrics, 'worksteal_steal_regret_dollars_total')).toEqual([' 2.5']);
    expect(await lines(metrics, 'worksteal_steal_gain_dollars_total')).toEqual([' 12.000001']);
    metrics.record({ ...report, active: false });
    expect((await seen()).at(-1)).toBe(' 0');
  });

  it("a planner's are the plans it filed", async () => {
    const metrics = metricsOf('plan');
    metrics.record({ type: 'plans', filed: 2 });
    metrics.record({ type: 'plans', filed: 5 });
    expect(await lines(metrics, 'worksteal_plans_filed_total')).toEqual([' 5']);
  });

  it('each has its own only, and says which process it is', async () => {
    const metrics = metricsOf('work');
    const names = new Set((await lines(metrics, '# TYPE ')).map((line) => line.split(' ')[0]));
    expect([...names]).toEqual(
      ['process_info', 'cancels_total', 'cancel_seconds', 'ledger_command_seconds']
        .concat(['broker_requests_total', 'broker_request_seconds'])
        .map((name) => `worksteal_${name}`),
    );
    expect(await lines(metrics, 'worksteal_process_info')).toEqual([
      '{role="work",host="h1",account="main"} 1',
    ]);
  });
});

describe('the server', () => {
  const servers: ProcessServer[] = [];
  const identity = { role: 'keep', host: 'h1', account: 'main' };
  let readiness = new Readiness();
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const serve = async (port: number): Promise<ProcessServer> => {
    readiness = new Readiness();
    const parts = { identity, metrics: metricsOf('keep'), readiness };
    const server = await serveProcess(parts, { port, host: '127.0.0.1' });
    servers.push(server);
    return server;
  };

  it('is alive from the start, and ready from start to stop while every check is well', async () => {
    const { url } = await serve(0);
    const ask = async (path: string): Promise<[number, unknown]> => {
      const answer = await fetch(new URL(path, url));
      return [answer.status, await answer.json()];
    };
    const said = (ready: boolean, ...checks: object[]) => ({ schema: 1, ...identity, ready, checks });
    expect(await ask('/healthz')).toEqual([200, { schema: 1, ...identity }]);
    const process = { check: 'process', well: false, words: 'starting' };
    expect(await ask('/readyz')).toEqual([503, said(false, process)]);
    const redis = { well: true, words: 'answered 1 s ago' };
    readiness.add('redis', () => redis);
    readiness.started();
    const running = { check: 'process', well: true, words: 'running' };
    expect(await ask('/readyz')).toEqual([200, said(true, running, { check: 'redis', ...redis })]);
    redis.well = false;
    expect(await ask('/readyz')).toEqual([503, said(false, running, { check: 'redis', ...redis })]);
    redis.well = true;
    readiness.stopping();
    expect((await ask('/readyz'))[0]).toBe(503);
    expect((await ask('/healthz'))[0]).toBe(200);
  });

  it('answers GET /metrics, /healthz and /readyz, and nothing else', async () => {
    const { url } = await serve(0);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(await answer.text()).toContain('\nworksteal_keeper_active 0\n');
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('names the setting where its port is taken', async () => {
    const { port } = new URL((await serve(0)).url);
    await expect(serve(Number(port))).rejects.toThrow(
      new RegExp(`WORKSTEAL_METRICS_PORT=${port}: .*taken by another process`),
    );
  });

  it('closes with a scraper still connected, and is gone then', async () => {
    const { url, close } = await serve(0);
    await (await fetch(url)).text(); // the connection is kept alive
    servers.splice(0);
    await close();
    await expect(fetch(url)).rejects.toThrow();
  });
});
