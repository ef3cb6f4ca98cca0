/**
 * The API under load, compared with the ledger without it: bots that ask for room over HTTP while others
 * follow the events.
 */
import type { Coordinator } from '../../src/coordinator/coordinator.ts';
import { assert } from '../../src/domain/errors.ts';
import { notionalMicros } from '../../src/domain/money.ts';
import { makeToken } from '../../src/http/token-file.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { openBook, putInto, setRoom } from '../book.ts';
import { directCoordinator, type Enter, type Leave, percentile, runBots } from '../bots.ts';
import { type Child, memoryGrowth, startChild } from '../child.ts';
import { instantBroker } from '../instant-broker.ts';
import { median } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';

const BOTS = 100;
const STREAMS = 50;
const ROUNDS = 5;
const ADDED_LIMIT_MICROS = 10_000;
const ROOM = notionalMicros('100', '100000');

/** A server of an account in a process of its own; `url`: of that account. */
export type Api = Child & { token: string };

export async function startServer(redisUrl: string, account: string): Promise<Api> {
  const token = makeToken();
  const child = await startChild('api-server.ts', [redisUrl, account, token]);
  return { ...child, token, url: `${child.url}/v1/accounts/${account}` };
}

/** So many clients read a stream; resolves when each has got something. */
export function follow({ url, token }: Api, path: string, count: number): Promise<Child> {
  return startChild('followers.ts', [`${url}/${path}`, token, String(count)]);
}

const WISH = { symbol: 'THIEF', side: 'buy', limit: '100', qty: '1' } as const;

function overHttp({ url, token }: Api): Enter {
  return async (id) => {
    const answer = await fetch(`${url}/orders/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(WISH),
    });
    const { outcome } = (await answer.json()) as { outcome: string };
    assert(outcome === 'reserved', `the API answered ${answer.status} ${outcome}`);
  };
}

function direct(coordinator: Coordinator): Enter {
  return async (id) => {
    const wish = { ...WISH, id, kind: 'entry', mode: 'normal', owner: 'bench' } as const;
    const { outcome } = await coordinator.enter(wish, new AbortController().signal);
    assert(outcome === 'reserved', `the coordinator answered ${outcome}`);
  };
}

/** What the API adds to an admission, while STREAMS clients follow the events. */
export const api: Measure = { name: 'api', isQuick: false, isPinned: false, run: ({ url }) => apiAdds(url) };

async function apiAdds(redisUrl: string): Promise<Target[]> {
  const book = await openBook(redisUrl, 'api');
  await setRoom(book, ROOM);
  await putInto(book, 'far');
  const { ledger } = book;
  const { coordinator, close } = directCoordinator(redisUrl, book, instantBroker);
  const leave: Leave = (id) => release(ledger, id, 'bench');
  const api = await startServer(redisUrl, ledger.account);
  try {
    const followers = await follow(api, 'events', STREAMS);
    await runBots(book, BOTS, overHttp(api), leave);
    const before = await api.usage();
    const [through, without]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      through.push(percentile(await runBots(book, BOTS, overHttp(api), leave), 0.99));
      without.push(percentile(await runBots(book, BOTS, direct(coordinator), leave), 0.99));
    }
    const after = await api.usage();
    await followers.close();
    const [a, b] = [median(through), median(without)];
    const measured = `${micros(a)} / ${micros(b)}: ${(a / b).toFixed(1)} x`;
    const added = judge(
      { name: 'API adds to an admission / 10 ms, p99', target: 1 },
      (a - b) / ADDED_LIMIT_MICROS,
      measured,
    );
    return [added, ...memoryGrowth('API', before, after)];
  } finally {
    await close();
    await api.close();
    await ledger.close();
  }
}
