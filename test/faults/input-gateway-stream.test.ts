/**
 * Nonsense on the gateway's stream: messages that are none, frames that are none, upgrades that are none. It
 * is answered in the stream's own form or ends its connection; the ledger stays the same to the byte.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import type { TestBot } from '../support/gateway.ts';
import { until } from '../support/keeper.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { faultOf, openWorld, type World } from './input/gateway-world.ts';
import { oddFrames } from './input/odd-frames.ts';
import { frameBytes, type Heard, OPCODE, RawWebsocket } from './input/raw-websocket.ts';
import { digestOf } from './input/witness.ts';

/** The others are requests (input-gateway.test.ts). */
const FRAMES = Math.floor(CALLS / 5);
/** The ledger is looked at after so many. */
const LOOK_EVERY = 20;

const redis = useRedis();
let world: World;
beforeAll(async () => {
  world = await openWorld(redis.url);
});
afterAll(() => world.close());

/** The lines of a request for the stream. */
function upgrade(): string[] {
  const host = `host: ${new URL(world.gateway.url).host}`;
  return [
    ...['GET /stream HTTP/1.1', host, 'connection: upgrade', 'upgrade: websocket'],
    ...['sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='],
  ];
}

/** The same, as a server must refuse it. */
function oddUpgrade(chance: Chance): string[] {
  const odd: readonly [number, string][] = [
    [0, 'POST /stream HTTP/1.1'],
    [0, 'GET /v2/else HTTP/1.1'],
    [0, 'GET /stream/../stream HTTP/1.1'],
    [3, 'upgrade: h2c'],
    [4, 'sec-websocket-version: 7'],
    [5, 'sec-websocket-key: short'],
    [5, 'x-nothing: 1'],
  ];
  return [...upgrade().with(...chance.pick(odd)), 'connection: close, upgrade'];
}

/** Every message is of the protocol, and none tells of an order; a refused upgrade has Alpaca's form. */
function expectOfProtocol({ head, messages }: Heard): void {
  if (!head.startsWith('HTTP/1.1 101')) {
    expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(faultOf(400, head.slice(head.indexOf('\r\n\r\n') + 4)), head).toBe(undefined);
  }
  for (const message of messages)
    expect(JSON.parse(message)).toMatchObject({
      stream: expect.stringMatching(/^(authorization|listening|error)$/),
      data: {},
    });
}

it('nonsense on the stream is refused, changes nothing, and disturbs no other bot', {
  timeout: 120_000,
}, async () => {
  const chance = chanceOf('gateway stream');
  const { gateway, stage, bots } = world;
  const port = Number(new URL(gateway.url).port);
  const { one, other, gone } = bots;
  const auth = ({ keys: { keyId, secret } }: TestBot): object[] => [
    { action: 'auth', key: keyId, secret },
    { action: 'authenticate', data: { key_id: keyId, secret_key: secret } },
  ];
  const listen = { action: 'listen', data: { streams: ['trade_updates'] } };
  const rights = [...auth(one), ...auth(gone), listen];
  const send = (message: object): Buffer =>
    frameBytes({ opcode: OPCODE.text, payload: Buffer.from(JSON.stringify(message)) });
  const listener = await RawWebsocket.open(port, upgrade());
  await listener.send(Buffer.concat([...auth(other).slice(0, 1), listen].map(send)), 'mark');
  expect(listener.heard.messages).toHaveLength(2);
  const before = await digestOf(stage.ledger.redis);
  for (let i = 1; i <= FRAMES; i += 1) {
    const client = await RawWebsocket.open(port, chance.once(10) ? oddUpgrade(chance) : upgrade());
    const isKnown = chance.once(2);
    if (isKnown && client.heard.isOpen) await client.send(send(chance.pick(auth(one))), 'known');
    if (client.heard.isOpen) expectOfProtocol(await client.send(oddFrames(rights, chance), 'end'));
    else expectOfProtocol(client.heard);
    client.close();
    if (i % LOOK_EVERY === 0) expect(await digestOf(stage.ledger.redis)).toBe(before);
  }
  const { body } = await other.order({ client_order_id: 'heard' });
  expect(body).toMatchObject({ client_order_id: 'heard' });
  await until('the listener hears of its order', () => listener.heard.messages.length > 2);
  listener.close();
});
