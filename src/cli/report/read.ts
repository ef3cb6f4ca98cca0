/** Reads what an account did in a period, from Redis alone: events, steal history, refusals, status. */
import type { z } from 'zod';
import { CancelTimes } from '../../history/cancel-times.ts';
import { CapacitySteps } from '../../history/capacity.ts';
import { eventsOf, firstEventMs, lastTotalsBefore, NEVER_TRIMMED_BELOW } from '../../history/reading.ts';
import { StealPairs } from '../../history/steal-pairs.ts';
import { eventCells } from '../../inspection/event-line.ts';
import { readValues } from '../../inspection/reading.ts';
import { type Totals, totalsOf } from '../../json/from-ledger.ts';
import type { Capacity } from '../../json/history.ts';
import type { REPORT } from '../../json/report.ts';
import { STATUS } from '../../json/status.ts';
import { answerOf } from '../../ledger/answer.ts';
import { readClock } from '../../ledger/clock-reading.ts';
import type { LedgerEvent } from '../../ledger/events.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readReasons } from './refusals.ts';
import { readCameTo } from './regret.ts';
import { readPairs } from './steals.ts';

export type Report = Omit<z.output<typeof REPORT>, 'schema'>;

/** Samples of the capacity, at most; and how near they may be to each other. */
const SAMPLES = 180;
const LEAST_STEP_MS = 1_000;
/** Events that are told one by one: nobody's daily business. */
const RARE = new Set(
  (
    'halted halt_noted resumed closed reopened rebuilt mended configured bound vouched equity_held_back ' +
    'equity_accepted fight index_fault odd corrected doubted_price plan_lost barred steal_failed'
  ).split(' '),
);
const MOST_EVENTS = 100;

const status = STATUS.omit({ schema: true });

/**
 * @param since the server's time at which the period begins, of the server's time now
 * @throws WorkstealError `unknown` without the account, `unavailable`, and what `since` throws
 */
export async function readReport(ledger: Ledger, since: (nowMs: number) => number): Promise<Report> {
  const { redis, account } = ledger;
  const now = status.parse(await readValues(ledger, { script: 'status', words: ['1'] }));
  const clock = await readClock(ledger);
  const toMs = clock.healthMs;
  const fromMs = Math.max(0, Math.floor(since(toMs)));
  const stream = key(account, 'events');
  const eventsFromMs = (await firstEventMs(redis, stream)) ?? null;
  const told = await readEvents(ledger, { fromMs, toMs, eventsFromMs });
  const [{ pairs, leftOut }, cameTo, reasons, fights] = await Promise.all([
    readPairs(ledger, fromMs, clock),
    readCameTo(ledger),
    readReasons(ledger, fromMs, told.stepMs, clock),
    answerOf('fights', redis.zrangebyscore(key(account, 'fights'), `(${clock.nowMs}`, '+inf', 'WITHSCORES')),
  ]);
  const total = now.pools.find(({ pool }) => pool === 'total');
  const { capMicros = 0, positionsMicros = 0, ordersMicros = 0, roomMicros = 0, used = 0 } = total ?? {};
  const count = (type: string): number => told.counts.get(type) ?? 0;
  return {
    ...{ account, fromMs, toMs, eventsFromMs },
    complete: told.isWhole || (eventsFromMs !== null && eventsFromMs <= fromMs),
    summary: {
      ...{ admits: now.admits, capMicros, positionsMicros, ordersMicros, roomMicros, used },
      mostUsed: told.mostUsed,
      admitted: count('reserved'),
      steals: count('stolen'),
      granted: count('granted'),
      failed: count('steal_failed'),
      // An order that fills in whole ends at once, without a report of its own.
      filled: told.filled,
      fills: count('fill') + told.filled,
      ended: count('ended'),
    },
    stepMs: told.stepMs,
    capacity: told.capacity,
    ...{ pairs, stealsLeftOut: leftOut, cameTo, fights: told.pairs.fights(fights) },
    ...reasons,
    cancels: told.cancels.summary(),
    events: told.rare.slice(-MOST_EVENTS).map(eventOf),
    moreEvents: Math.max(0, told.rare.length - MOST_EVENTS),
  };
}

type Told = {
  stepMs: number;
  capacity: Capacity[];
  cancels: CancelTimes;
  pairs: StealPairs;
  counts: Map<string, number>;
  /** Orders that filled in whole. */
  filled: number;
  rare: LedgerEvent[];
  /** Of all events, not of the samples alone; null: not known. */
  mostUsed: number | null;
  /** The stream has dropped nothing yet. */
  isWhole: boolean;
};

type Bounds = { fromMs: number; toMs: number; eventsFromMs: number | null };

async function readEvents({ redis, account }: Ledger, { fromMs, toMs, eventsFromMs }: Bounds): Promise<Told> {
  const stream = key(account, 'events');
  const beginsMs = Math.max(fromMs, Math.min(eventsFromMs ?? toMs, toMs));
  const stepMs = Math.max(LEAST_STEP_MS, Math.ceil((toMs - beginsMs) / SAMPLES / 1_000) * 1_000);
  const steps = new CapacitySteps(Math.ceil(beginsMs / stepMs) * stepMs, stepMs);
  const [cancels, pairs, counts] = [new CancelTimes(), new StealPairs(), new Map<string, number>()];
  const rare: LedgerEvent[] = [];
  let filled = 0;
  const before = await lastTotalsBefore(redis, stream, fromMs);
  let mostUsed = usedOf(totalsOf(before?.fields['totals'])) ?? null;
  if (before !== undefined) steps.note(before);
  for await (const event of eventsOf(redis, stream, fromMs)) {
    counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    if (event.type === 'ended' && event.fields['state'] === 'filled') filled += 1;
    if (Number.parseInt(event.id, 10) <= toMs) steps.note(event);
    const used = usedOf(totalsOf(event.fields['totals']));
    if (used !== undefined) mostUsed = Math.max(mostUsed ?? 0, used);
    cancels.note(event);
    pairs.note(event);
    if (RARE.has(event.type)) rare.push(event);
  }
  const isWhole = (await answerOf('events', redis.xlen(stream))) < NEVER_TRIMMED_BELOW;
  return { stepMs, capacity: steps.until(toMs), cancels, pairs, counts, filled, rare, mostUsed, isWhole };
}

/** What share of the cap was used; undefined where that is not known, or there is no cap. */
function usedOf(totals: Totals | undefined): number | undefined {
  if (totals === undefined || totals.capMicros <= 0) return undefined;
  return (totals.positionsMicros + totals.ordersMicros) / totals.capMicros;
}

function eventOf(event: LedgerEvent): Report['events'][number] {
  const [, type, sentence] = eventCells(event);
  const atMs = Number(event.fields['at_ms']);
  return { id: event.id, type, atMs: Number.isSafeInteger(atMs) && atMs > 0 ? atMs : null, sentence };
}
