/** What happened to an order or a plan, from the ledger's latest events. */
import type { Redis } from 'ioredis';
import { answerOf } from '../ledger/answer.ts';
import { type LedgerEvent, readEvent } from '../ledger/events.ts';
import { touchedBy } from './touched.ts';

/** So many events are looked at, the latest ones, in pieces: none keeps Redis from others for long. */
const LOOKED = 5_000;
const BATCH = 250;
const FOUND = 100;

/** `complete`: every event of the stream was looked at. */
export type Timeline = { events: LedgerEvent[]; complete: boolean };

/**
 * The events that name this order or plan, or an order of this plan (`PLAN_1`, `PLAN_x1`); the oldest first.
 * @throws WorkstealError `unavailable`
 */
export async function timelineOf(redis: Redis, stream: string, id: string): Promise<Timeline> {
  const found: LedgerEvent[] = [];
  let before = '+';
  for (let looked = 0; looked < LOOKED && found.length < FOUND; looked += BATCH) {
    const entries = await answerOf('events', redis.xrevrange(stream, before, '-', 'COUNT', BATCH));
    for (const [entry, flat] of entries) {
      const event = readEvent(entry, flat);
      if (isAbout(event, id)) found.push(event);
    }
    const last = entries.at(-1)?.[0];
    if (last === undefined || entries.length < BATCH)
      return { events: found.slice(0, FOUND).reverse(), complete: found.length <= FOUND };
    before = `(${last}`;
  }
  return { events: found.slice(0, FOUND).reverse(), complete: false };
}

function isAbout(event: LedgerEvent, id: string): boolean {
  const { orders, ended, plans } = touchedBy(event);
  return plans.includes(id) || [...orders, ...ended].some((order) => order === id || isOrderOf(order, id));
}

function isOrderOf(order: string, plan: string): boolean {
  return order.startsWith(`${plan}_`) && /^x?\d+$/.test(order.slice(plan.length + 1));
}
