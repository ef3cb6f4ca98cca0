/** Requests to the API and to a gateway as traces: a caller's `traceparent` is continued to the broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { openTracing } from '../../src/tracing/open.ts';
import type { Tracing } from '../../src/tracing/tracing.ts';
import { startTestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { startTestGateway } from '../support/gateway.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';

const ledgers = useLedgers();
const log = { info: () => {}, warn: () => {} };
let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.close());

async function open(): Promise<Tracing> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  return await openTracing({ env, role: 'serve', host: 'h1', secrets: [], log });
}

const CALLER = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
const headers = { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01`, 'x-request-id': 'request-7' };
const named = (name: string, traceId = CALLER.traceId): ReceivedSpan | undefined =>
  receiver.spans.find((span) => span.name === name && span.traceId === traceId);

describe('the API', () => {
  const PUT = 'PUT /v1/accounts/:account/orders/:id';

  it('continues the trace of a caller, down to the outbox, and keeps its request id', async () => {
    const account = await ledgers.account();
    await account.prices({ AAPL: '100' });
    const tracing = await open();
    const ledger = { ...account.ledger, tracing };
    const api = await startTestApi(ledgers.url, [{ ...account, ledger }]);
    try {
      const body = { symbol: 'AAPL', side: 'buy', limit: '100', qty: '5' };
      const put = await api.ask('PUT', 'orders/o1', { as: 'trade', body, headers });
      expect(put.headers.get('x-request-id')).toBe('request-7');
      expect(put.body).toMatchObject({ outcome: 'reserved' });
      const own = { ...headers, traceparent: 'no traceparent' };
      expect((await api.ask('POST', 'orders/o1/place', { as: 'trade', headers: own })).status).toBe(200);
      expect((await api.ask('POST', 'orders/o1/cancel', { as: 'trade', headers })).status).toBe(200);
      for (const path of ['/v1/nothing', '/healthz']) await api.ask('GET', path, { headers });
      await api.ask('GET', 'events', { headers });
      expect((await api.ask('GET', 'status', { as: '', headers })).status).toBe(401);
    } finally {
      await api.close();
      await tracing.close();
    }
    const put = named(PUT);
    expect(put).toMatchObject({ kind: 2, parent: CALLER.spanId, isFailed: false });
    expect(put?.facts).toEqual({
      'http.request.method': 'PUT',
      'http.route': '/v1/accounts/:account/orders/:id',
      'http.response.status_code': 200,
      'worksteal.account': account.name,
      'worksteal.id': 'o1',
      'worksteal.request': 'request-7',
      'worksteal.token': 'trade',
    });
    expect(named('admit')).toMatchObject({
      parent: put?.spanId,
      facts: { 'worksteal.order': 'o1', 'worksteal.outcome': 'fits', 'worksteal.need_micros': 500_000_000 },
    });
    const post = receiver.spans.find(({ name }) => name.endsWith('/orders/:id/place'));
    expect(post).toMatchObject({ parent: '', traceId: expect.not.stringMatching(CALLER.traceId) });
    expect(named('place', post?.traceId)).toMatchObject({ parent: post?.spanId });
    const [, [, ...fields]] = (
      await account.ledger.redis.xrange(key(account.name, 'outbox'), '-', '+')
    )[0] ?? ['', ['', '']];
    const recorded = named('cancel-recorded');
    expect(fields.at(-1)).toBe(`00-${CALLER.traceId}-${recorded?.spanId}-01`);
    const routes = receiver.spans.flatMap(({ name }) => (name.includes(' ') ? [name] : []));
    expect(routes.filter((name) => !name.includes('/orders/'))).toEqual(['GET /v1/accounts/:account/status']);
  });
});

describe('a gateway', () => {
  it("continues a bot's trace from its order to the broker and back", async () => {
    receiver.spans.length = 0;
    const tracing = await open();
    const gateway = await startTestGateway(ledgers.url, { tracing });
    try {
      const bot = gateway.bot('one');
      expect((await bot.order({ limit_price: '90' }, headers)).status).toBe(200);
      await bot.ask('GET', '/v2/account', undefined, headers);
    } finally {
      await gateway.close();
      await tracing.close();
    }
    const post = named('POST /v2/orders');
    expect(post).toMatchObject({ kind: 2, parent: CALLER.spanId });
    expect(post?.facts['worksteal.account']).toBe(gateway.stage.account);
    for (const name of ['admit', 'place']) expect(named(name)?.parent).toBe(post?.spanId);
    expect(named('GET /v2/account')).toBeDefined();
  });
});
