/** The account's events as an iterator: a lost connection and a slow reader lose none. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkstealError } from '../domain/errors.ts';
import { eventCells } from '../inspection/event-line.ts';
import { checked } from '../json/print.ts';
import { eventFields, TAIL } from '../json/tail.ts';
import { answerOf } from '../ledger/answer.ts';
import { followEvents, isEarlier, type LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AccountEvent } from './readings.ts';

/** So many events wait for a slow reader; the others stay in the ledger meanwhile. */
const WAITING = 2_000;
const RESTART_MS = 500;
const START = '0-0';

/** The id of the account's latest event; `0-0` without one. @throws WorkstealError `unavailable` */
export async function latestEventId({ redis, account }: Ledger): Promise<string> {
  const last = await answerOf('events', redis.xrevrange(key(account, 'events'), '+', '-', 'COUNT', 1));
  return last[0]?.[0] ?? START;
}

/**
 * The events after `after`, until the signal aborts. A `gap` where some may be missing: the connection was
 * lost, or the ledger does not keep them any more.
 */
export async function* eventsAfter(
  url: string,
  ledger: Ledger,
  after: string,
  signal: AbortSignal,
): AsyncGenerator<AccountEvent, void, void> {
  let last = after;
  if (await isTrimmed(ledger, after)) yield gap(last);
  while (!signal.aborted) {
    const reading = new Reading(url, ledger.account, last, signal);
    try {
      for await (const event of reading.events()) {
        last = event.id;
        yield event;
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof WorkstealError && error.retriable)) throw error;
      yield gap(last);
      await sleep(RESTART_MS, undefined, { signal }).catch(() => {});
    } finally {
      await reading.stop();
    }
  }
}

/** One connection to the stream. It ends when the reader falls too far behind. */
class Reading {
  readonly #waiting: AccountEvent[] = [];
  readonly #stopping = new AbortController();
  readonly #following: Promise<void>;
  #wake: () => void = () => {};
  #isOver = false;
  #last: string;

  constructor(url: string, account: string, after: string, signal: AbortSignal) {
    this.#last = after;
    const until = AbortSignal.any([signal, this.#stopping.signal]);
    const onEvent = (event: LedgerEvent): void => this.#take(toldEvent(event));
    const onGap = (): void => {
      if (!until.aborted) this.#take(gap(this.#last));
    };
    this.#following = followEvents(url, account, onEvent, until, { onGap, after }).finally(() => {
      this.#isOver = true;
      this.#wake();
    });
    this.#following.catch(() => {}); // `events` throws it
  }

  async *events(): AsyncGenerator<AccountEvent, void, void> {
    while (true) {
      for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) yield event;
      if (this.#isOver) return await this.#following;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following.catch(() => {});
  }

  #take(event: AccountEvent): void {
    this.#last = event.id;
    this.#waiting.push(event);
    if (this.#waiting.length >= WAITING) this.#stopping.abort();
    this.#wake();
  }
}

async function isTrimmed({ redis, account }: Ledger, after: string): Promise<boolean> {
  if (after === START) return false;
  const asked = redis.xread('COUNT', 1, 'STREAMS', key(account, 'events'), START);
  const [first] = (await answerOf('events', asked))?.[0]?.[1] ?? [];
  return first !== undefined && isEarlier(after, first[0]);
}

function toldEvent(event: LedgerEvent): AccountEvent {
  const [, , sentence] = eventCells(event);
  const { schema: _, ...fields } = checked(TAIL, eventFields(event, sentence));
  return fields;
}

function gap(id: string): AccountEvent {
  const sentence = 'events may be missing here: read again what you rely on';
  return { id, type: 'gap', atMs: null, sentence, victims: [], fields: {} };
}
