/** What the servers count of their requests, streams and entries. */
import { afterEach, expect, it } from 'vitest';
import { startExchange } from '../../src/exchange/server.ts';
import { openMetrics } from '../../src/ops/metrics/metrics.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { until } from '../support/keeper.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { SseClient } from '../support/sse-client.ts';

const ledgers = useLedgers();
let api: TestApi | undefined;
afterEach(() => api?.close());

async function metered(account: TestAccount) {
  const metrics = openMetrics({ role: 'serve', host: 's1', account: account.name });
  api = await startTestApi(ledgers.url, [account], { metrics });
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };
  return { api, value };
}

it('answers are counted by the pattern of their route; a path makes no series', async () => {
  const { api, value } = await metered(await ledgers.account());
  await api.ask('GET', 'status');
  await api.ask('GET', 'status');
  await api.ask('GET', 'status', { as: '' });
  for (const path of ['/nothing', '/nothing/else']) await api.ask('GET', path);
  const answers = (route: string, status: number): string =>
    `worksteal_http_requests_total{route="${route}",method="GET",status="${status}"}`;
  await until('all are counted', async () => (await value(answers('(none)', 404))) === 2);
  expect(await value(answers('/v1/accounts/:account/status', 200))).toBe(2);
  expect(await value(answers('/v1/accounts/:account/status', 401))).toBe(1);
  const timed = 'worksteal_http_request_seconds_count{route="/v1/accounts/:account/status",method="GET"}';
  expect(await value(timed)).toBe(3);
});

it('open streams are counted, and how late an event comes', async () => {
  const account = await ledgers.account();
  const { api, value } = await metered(account);
  expect(await value('worksteal_event_streams')).toBe(0);
  const stream = new SseClient(() => `${api.url}/v1/accounts/${account.name}/events`, api.token.read);
  await until('it is counted', async () => (await value('worksteal_event_streams')) === 1);
  await account.place(anOrder('a'));
  await until('events have come', async () => Number(await value('worksteal_event_lag_seconds_count')) > 0);
  await stream.close();
  await until('it is gone', async () => (await value('worksteal_event_streams')) === 0);
});

it('entries of bots are counted as those of watchers', async () => {
  const account = await ledgers.account();
  await account.prices({ AAPL: '100' });
  const { api, value } = await metered(account);
  const body = { symbol: 'AAPL', side: 'buy', limit: '100', qty: '5' };
  expect((await api.ask('PUT', 'orders/o1', { as: 'trade', body })).status).toBe(200);
  const tooMuch = { ...body, qty: '50' };
  expect((await api.ask('PUT', 'orders/o2', { as: 'trade', body: tooMuch })).status).toBe(200);
  expect(await value('worksteal_admissions_total{result="admitted",reason="fits"}')).toBe(1);
  expect(await value('worksteal_admit_seconds_count')).toBe(2);
});

it('the paper exchange tells what its judge counts', async () => {
  const exchange = await startExchange({ port: 0, equity: '1000', rateLimit: 0 });
  try {
    await fetch(`${exchange.url}/v2/account`, {
      headers: { 'apca-api-key-id': 'k', 'apca-api-secret-key': 's' },
    });
    const answer = await fetch(`${exchange.url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const lines = (await answer.text()).split('\n');
    expect(lines).toContain('worksteal_exchange_cap_violations 0');
    expect(lines).toContain('worksteal_http_requests_total{route="/v2/account",method="GET",status="200"} 1');
  } finally {
    await exchange.close();
  }
});
