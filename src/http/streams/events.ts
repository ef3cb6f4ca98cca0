/**
 * The account's events as a stream. `id` is the id in Redis' stream, `event` the type. A client that comes
 * back with the last id gets what it missed, each event once and in order; where that can't be, `reset`.
 */
import { eventCells } from '../../inspection/event-line.ts';
import { eventFields } from '../../json/tail.ts';
import type { LedgerEvent } from '../../ledger/events.ts';
import type { Mirror } from '../../mirror/mirror.ts';
import type { ResetReason } from '../../mirror/resume.ts';
import { compareIds } from '../../mirror/stream-id.ts';
import { type Frame, frameBytes, type SseStream } from './sse.ts';

const BATCH = 500;

/**
 * Sends events until the stream ends. It returns when the client is up to date.
 * @param after the last event that the client has seen; undefined: from now on
 * @param lost why events after it may be missing
 */
export async function sendEvents(
  stream: SseStream,
  mirror: Mirror,
  after: string | undefined,
  lost: ResetReason | undefined,
): Promise<void> {
  let sent = after === undefined || lost !== undefined ? mirror.lastEventId : after;
  const { account } = mirror;
  stream.send({ id: sent, event: 'hello', data: { account, atMs: mirror.atMs, isStale: mirror.isStale } });
  if (lost !== undefined) stream.send(resetFrame(lost, sent));
  const send = (event: LedgerEvent): void => {
    if (compareIds(event.id, sent) <= 0) return;
    sent = event.id;
    stream.sendBytes(eventBytes(event));
  };
  while (!stream.ended.aborted && compareIds(sent, mirror.lastEventId) < 0) {
    const missed = await mirror.eventsAfter(sent, BATCH);
    // Trimmed or wiped meanwhile: the client comes back, and is told.
    if (missed.length === 0) return stream.end();
    for (const event of missed) {
      send(event);
      await stream.drained();
    }
  }
  if (stream.ended.aborted) return;
  // Nothing is awaited since the comparison, so no event is between.
  const stop = mirror.events.listen({
    onEvent: send,
    onReset: (reason, id) => {
      sent = id;
      stream.send(resetFrame(reason, id));
    },
  });
  stream.ended.addEventListener('abort', stop, { once: true });
}

/** Made once for all who follow. */
const frames = new WeakMap<LedgerEvent, Buffer>();

function eventBytes(event: LedgerEvent): Buffer {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const [, , sentence] = eventCells(event);
  const bytes = frameBytes({ id: event.id, event: event.type, data: eventFields(event, sentence) });
  frames.set(event, bytes);
  return bytes;
}

function resetFrame(reason: ResetReason, id: string): Frame {
  return { id, event: 'reset', data: { reason } };
}
