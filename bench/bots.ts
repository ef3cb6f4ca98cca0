/** Bots that each enter an order every two seconds, and how long they wait for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Broker } from '../src/broker/port.ts';
import { type Coordinator, startCoordinator } from '../src/coordinator/coordinator.ts';
import { EventFeed } from '../src/coordinator/event-feed.ts';
import { assert } from '../src/domain/errors.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { aWish, type Book, LEASE_MS } from './book.ts';

const EVERY_MS = 2_000;
const ROUND_MS = 6_000;

/** What is measured: the order with this id of the bot gets its room. */
export type Enter = (id: string, bot: number) => Promise<void>;
/** Gives the room back, unmeasured. */
export type Leave = (id: string, bot: number) => Promise<unknown>;

/** Each bot enters every EVERY_MS for ROUND_MS; returns how long each had to wait, in us. */
export async function runBots(book: Book, bots: number, enter: Enter, leave: Leave): Promise<number[]> {
  const waits: number[] = [];
  const until = performance.now() + ROUND_MS;
  const bot = async (nth: number): Promise<void> => {
    await sleep((nth * EVERY_MS) / bots);
    while (performance.now() < until) {
      const { id } = aWish(book, {});
      const began = performance.now();
      await enter(id, nth);
      waits.push((performance.now() - began) * 1_000);
      await leave(id, nth);
      await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
    }
  };
  await Promise.all(Array.from({ length: bots }, (_, nth) => bot(nth)));
  return waits;
}

/** A coordinator in this process, without a server in front of it. */
export function directCoordinator(
  redisUrl: string,
  { ledger }: Pick<Book, 'ledger'>,
  broker: Broker,
): { coordinator: Coordinator; close: () => Promise<void> } {
  const log = pino({ level: 'silent' });
  const events = new EventFeed(redisUrl, ledger.account, log);
  const coordinator = startCoordinator({
    ...{ ledger, broker, mutex: redlockMutex([ledger.redis]), events, log },
    ...{ enqueue: async () => {}, leaseMs: LEASE_MS, requestTimeoutMs: 5_000 },
  });
  return {
    coordinator,
    async close() {
      await coordinator.close();
      await events.close();
    },
  };
}

export function percentile(values: readonly number[], share: number): number {
  assert(values.length > 0, 'a percentile needs values');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}
