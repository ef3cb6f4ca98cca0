/**
 * Records an account's decisions, each with what it saw, and its events, until it is stopped. Decisions are
 * written by the ledger only while this listens; who listens no more is forgotten within seconds.
 */
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { listen } from '../ledger/commands/journal.ts';
import { followEvents, type LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fields } from '../ledger/reply.ts';
import { rulesOf } from './rules.ts';
import { readEntry } from './seen.ts';
import { type Bounds, JournalWriter } from './writer.ts';

const LISTEN_MS = 10_000;
const AGAIN_MS = 2_000;
const BLOCK_MS = 500;
const BATCH = 50;

/**
 * `decisions`: written. `missed`: made while the recorder was too slow, to read them or their rules.
 * `cut`: over too large a book.
 */
export type Tally = { decisions: number; missed: number; cut: number; events: number };

export type Recording = {
  /** Of the ledger: events are read on a connection of their own. */
  url: string;
  file: string;
  bounds: Bounds;
  /** Called once decisions are recorded. */
  onStart?: () => void;
};

/**
 * Records until the signal aborts.
 * @param ledger with a connection that nobody else uses: reading blocks it
 * @throws WorkstealError `unknown` (no such account), `invalid` where the file can't be written,
 *   `unavailable`
 */
export async function record(ledger: Ledger, recording: Recording, signal: AbortSignal): Promise<Tally> {
  const { url, file, bounds } = recording;
  const { account } = ledger;
  const tally: Tally = { decisions: 0, missed: 0, cut: 0, events: 0 };
  const stopping = new AbortController();
  const until = AbortSignal.any([signal, stopping.signal]);
  let writer: JournalWriter | undefined;
  try {
    const stream = key(account, 'journal');
    const [last] = await answerOf('journal', ledger.redis.xrevrange(stream, '+', '-', 'COUNT', 1));
    const [event] = await answerOf(
      'events',
      ledger.redis.xrevrange(key(account, 'events'), '+', '-', 'COUNT', 1),
    );
    const seq = await listen(ledger, LISTEN_MS);
    if (seq === undefined)
      throw new WorkstealError('unknown', `there is no account "${account}" in this Redis`, { account });
    writer = new JournalWriter(file, account, bounds);
    const decisions = readDecisions(ledger, writer, { from: last?.[0] ?? '0-0', seq }, tally, until);
    const onEvent = (event: LedgerEvent): void => {
      tally.events += 1;
      writer?.other({ type: 'event', event: { id: event.id, ...event.fields, type: event.type } });
    };
    // Those of the time until its connection is up, too.
    const events = followEvents(url, account, onEvent, until, { after: event?.[0] ?? '0-0' });
    recording.onStart?.();
    try {
      await Promise.race([decisions, events]);
    } finally {
      stopping.abort();
      await Promise.allSettled([decisions, events]);
    }
    return tally;
  } finally {
    writer?.close();
    await listen(ledger, 0).catch(() => {}); // if this fails it ends by itself
  }
}

async function readDecisions(
  ledger: Ledger,
  writer: JournalWriter,
  begin: { from: string; seq: number },
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const stream = key(ledger.account, 'journal');
  let { from, seq } = begin;
  let fingerprint: string | undefined;
  let listenedMs = performance.now();
  while (!signal.aborted) {
    if (performance.now() - listenedMs > AGAIN_MS) {
      await listen(ledger, LISTEN_MS);
      listenedMs = performance.now();
    }
    const reading = ledger.redis.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', stream, from);
    const answer = await answerOf('journal', reading);
    for (const [id, flat] of answer?.[0]?.[1] ?? []) {
      from = id;
      const { line, tables } = readEntry(pairsOf(flat));
      if (line.seq > seq + 1) {
        tally.missed += line.seq - seq - 1;
        writer.other({ type: 'gap', missed: line.seq - seq - 1 });
      }
      seq = line.seq;
      if (line.fingerprint !== fingerprint) {
        const settings = await settingsNow(ledger);
        // Others are in force since: nobody knows any more by which ones this was decided.
        if (settings['fingerprint'] !== line.fingerprint) {
          tally.missed += 1;
          writer.other({ type: 'gap', missed: 1 });
          continue;
        }
        fingerprint = line.fingerprint;
        writer.settings(fingerprint, rulesOf(settings));
      }
      tally.decisions += 1;
      if (line.cut) tally.cut += 1;
      writer.decision(line, tables);
    }
  }
}

function settingsNow(ledger: Ledger): Promise<Fields> {
  return answerOf('settings', ledger.redis.hgetall(key(ledger.account, 'settings')));
}

function pairsOf(flat: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return fields;
}
