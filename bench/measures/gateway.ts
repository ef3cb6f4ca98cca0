/**
 * The gateway under load, compared with the coordinator without it: bots that post an order every two
 * seconds, and each listen to trade_updates. The broker answers at once: what is left is the gateway's.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Coordinator } from '../../src/coordinator/coordinator.ts';
import { assert } from '../../src/domain/errors.ts';
import { notionalMicros } from '../../src/domain/money.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import { type BotRecord, botRecordOf, makeKeyPair } from '../../src/http/bot-keys.ts';
import { hashOf } from '../../src/http/token-file.ts';
import { settle } from '../../src/ledger/commands/settle.ts';
import { openBook, putInto, setRoom } from '../book.ts';
import { directCoordinator, type Enter, type Leave, percentile, runBots } from '../bots.ts';
import { memoryGrowth, startChild } from '../child.ts';
import { echoBroker } from '../echo-broker.ts';
import { median } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';

const BOTS = 200;
const ROUNDS = 5;
const ADDED_LIMIT_MICROS = 10_000;
const ROOM = notionalMicros('100', '100000');
const ORDER = { symbol: 'THIEF', side: 'buy', qty: '1' } as const;
const LIMIT = '100';

type Bot = { name: string; headers: Record<string, string>; auth: object };

/** Bots with keys, and what a gateway has to know of them. */
function makeBots(): { bots: Bot[]; records: object[] } {
  const pairs = Array.from({ length: BOTS }, (_, nth) => ({ name: `bot${nth}`, ...makeKeyPair() }));
  const rights: Pick<BotRecord, 'strategy' | 'mode' | 'pnl' | 'maxNotional' | 'symbols' | 'accounts'> = {
    strategy: '',
    mode: 'normal',
    pnl: '0',
    maxNotional: null,
    symbols: [],
    accounts: [],
  };
  return {
    records: pairs.map(({ name, keyId, secret }) =>
      botRecordOf({ ...rights, name, keyId, sha256: hashOf(secret), createdAtMs: 0 }),
    ),
    bots: pairs.map(({ name, keyId, secret }) => ({
      name,
      headers: {
        'APCA-API-KEY-ID': keyId,
        'APCA-API-SECRET-KEY': secret,
        'content-type': 'application/json',
      },
      auth: { action: 'auth', key: keyId, secret },
    })),
  };
}

/** Every bot listens; returns what ends that. */
async function listen(url: string, bots: readonly Bot[]): Promise<() => void> {
  const sockets = await Promise.all(
    bots.map(async ({ auth }) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`);
      const answered = new Promise<void>((resolve) => {
        let answers = 0;
        socket.on('message', () => {
          answers += 1;
          if (answers === 2) resolve();
        });
      });
      await once(socket, 'open');
      socket.send(JSON.stringify(auth));
      socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
      await answered;
      return socket;
    }),
  );
  return () => {
    for (const socket of sockets) socket.terminate();
  };
}

function throughGateway(url: string, bots: readonly Bot[]): Enter {
  const body = { ...ORDER, type: 'limit', limit_price: LIMIT, time_in_force: 'day' };
  return async (id, nth) => {
    const answer = await fetch(`${url}/v2/orders`, {
      method: 'POST',
      headers: bots[nth]?.headers ?? {},
      body: JSON.stringify({ ...body, client_order_id: id }),
    });
    const text = await answer.text();
    assert(answer.status === 200, `the gateway answered ${answer.status} ${text}`);
  };
}

function direct(coordinator: Coordinator): Enter {
  return async (id) => {
    const wish: OrderWish = { ...ORDER, limit: LIMIT, id, kind: 'entry', mode: 'normal', owner: 'bench' };
    const { signal } = new AbortController();
    const { outcome } = await coordinator.enter(wish, signal);
    assert(outcome === 'reserved', `the coordinator answered ${outcome}`);
    const placed = await coordinator.place(wish, signal);
    assert(placed.outcome === 'working', `the coordinator placed it: ${placed.outcome}`);
  };
}

/** What the gateway adds to an admitted order, and what it uses meanwhile. */
export const gateway: Measure = {
  name: 'gateway',
  isQuick: false,
  isPinned: false,
  run: ({ url }) => gatewayAdds(url),
};

async function gatewayAdds(redisUrl: string): Promise<Target[]> {
  const book = await openBook(redisUrl, 'gateway');
  await setRoom(book, ROOM);
  await putInto(book, 'far');
  const { ledger } = book;
  const { bots, records } = makeBots();
  const end = (id: string) =>
    settle(ledger, id, { state: 'cancelled', filledQty: '0', costMicros: 0, reason: 'broker' });
  const leave: Leave = (id, nth) => end(`${bots[nth]?.name}--${id}`);
  const { coordinator, close } = directCoordinator(redisUrl, book, echoBroker());
  const gateway = await startChild('gateway-server.ts', [redisUrl, ledger.account, JSON.stringify(records)]);
  try {
    const stop = await listen(gateway.url, bots);
    const enter = throughGateway(gateway.url, bots);
    await runBots(book, BOTS, enter, leave);
    const before = await gateway.usage();
    const [through, without]: [number[], number[]] = [[], []];
    let [orders, cpuMicros] = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = await gateway.usage();
      const waits = await runBots(book, BOTS, enter, leave);
      cpuMicros += (await gateway.usage()).cpuMicros - began.cpuMicros;
      orders += waits.length;
      through.push(percentile(waits, 0.99));
      without.push(percentile(await runBots(book, BOTS, direct(coordinator), end), 0.99));
    }
    const after = await gateway.usage();
    stop();
    const [a, b] = [median(through), median(without)];
    const cpu = `${micros(cpuMicros / orders)} of a core an order`;
    const measured = `${micros(a)} / ${micros(b)}: ${(a / b).toFixed(1)} x, ${cpu}`;
    const name = 'gateway adds to an admitted order / 10 ms, p99';
    return [
      judge({ name, target: 1 }, (a - b) / ADDED_LIMIT_MICROS, measured),
      ...memoryGrowth('gateway', before, after),
    ];
  } finally {
    await close();
    await gateway.close();
    await ledger.close();
  }
}
