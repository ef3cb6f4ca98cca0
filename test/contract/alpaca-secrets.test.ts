/** The adapter against a broker or proxy that echoes the request's keys: they must not leak further. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { OrderRequest, TradeUpdate } from '../../src/broker/port.ts';
import { MarkedSecrets } from '../support/marked-secrets.ts';
import { type ScriptedAlpaca, startScriptedAlpaca, wireOrder } from '../support/scripted-alpaca.ts';

const request: OrderRequest = {
  id: 'order-1',
  symbol: 'AAPL',
  side: 'buy',
  limit: '180.5',
  qty: '10',
};
const secrets = new MarkedSecrets();
const KEY = secrets.make('the key', 'PK', '');
const SECRET = secrets.make('the secret', '"<', '&>+/=');

let server: ScriptedAlpaca;
let told: string[];
beforeEach(async () => {
  server = await startScriptedAlpaca();
  told = [];
});
afterEach(() => server.close());

function aBroker(secretKey = SECRET): AlpacaBroker {
  const say = (...words: unknown[]) => void told.push(JSON.stringify(words));
  const log = { debug: say, info: say, warn: say };
  const urls = { tradingUrl: server.url, dataUrl: server.url, keyId: KEY, secretKey };
  return new AlpacaBroker({ ...urls, limiter: unlimited, requestTimeoutMs: 300, log, random: () => 0 });
}

/** All that the adapter tells of what it was asked: answers, errors, log. */
async function allToldBy(broker: AlpacaBroker): Promise<string> {
  const tell = (answer: unknown) => void told.push(JSON.stringify(answer));
  const complain = (error: Error) =>
    void told.push(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`);
  const questions = [
    () => broker.submit(request),
    () => broker.cancel('broker-1'),
    () => broker.order('order-1'),
    () => broker.account(),
    () => broker.openOrders(),
  ];
  for (const ask of questions) await ask().then(tell, complain);
  return told.join('\n');
}

const escaped = SECRET.replaceAll('&', '&amp;')
  .replaceAll('<', '&lt;')
  .replaceAll('>', '&gt;')
  .replaceAll('"', '&quot;');

describe("the adapter's messages contain no key", () => {
  it.each([
    [
      'a page of the broker shows them',
      403,
      `<html><li>apca-api-key-id: ${KEY}</li><li>apca-api-secret-key: ${SECRET}</li></html>`,
    ],
    ['a page shows them as HTML writes them', 401, `<html><li>${KEY}</li><li>${escaped}</li></html>`],
    ['a page is so long that it is cut in the middle of a key', 403, `${'x'.repeat(285)} ${KEY} ${SECRET}`],
    ['a message shows them', 422, { code: 42210000, message: `not for ${KEY}:${SECRET}` }],
    [
      'a message is so long that it is cut in the middle of a key',
      422,
      { code: 1, message: `${'x'.repeat(285)} ${KEY} ${SECRET}` },
    ],
    [
      'the broker fails and shows them',
      500,
      `upstream failed for ${KEY} ${SECRET} ${encodeURIComponent(SECRET)}`,
    ],
    ['the answer is no JSON', 200, `${KEY} ${SECRET}`],
    ['the answer is no JSON soon', 200, `{"id": ${SECRET}`],
    ['the answer is of another kind', 200, wireOrder({ symbol: SECRET, status: KEY, qty: KEY })],
  ])('%s', async (_, status, body) => {
    server.script(...Array.from({ length: 30 }, () => ({ status, body })));
    const text = await allToldBy(aBroker());
    expect(text.length).toBeGreaterThan(300);
    expect(secrets.foundIn(text)).toEqual([]);
  });

  it('a key cannot stand in a header, and the platform says which', async () => {
    const text = await allToldBy(aBroker(`${SECRET}\n${SECRET}`));
    expect(text).toMatch(/invalid character in header content/i);
    expect(secrets.foundIn(text)).toEqual([]);
  });

  it('the stream shows them as its reason', async () => {
    server.onSocket((socket) => {
      socket.on('message', () =>
        socket.send(
          JSON.stringify({ stream: 'authorization', data: { status: `${KEY} is not authorized` } }),
        ),
      );
    });
    const updates: TradeUpdate[] = [];
    const stopping = new AbortController();
    const following = aBroker().follow((update) => void updates.push(update), stopping.signal);
    await expect.poll(() => updates.length, { timeout: 60_000 }).toBeGreaterThan(0);
    stopping.abort();
    await following;
    expect(JSON.stringify(updates)).toMatch(/the keys were not accepted: .*is not authorized/);
    expect(secrets.foundIn(JSON.stringify(updates) + told.join())).toEqual([]);
  });
});
