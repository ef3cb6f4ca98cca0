/** What viewers and bots follow: events, and the book as it changes. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { FRAME, PATCH } from '../../json/live.ts';
import type { Mirror } from '../../mirror/mirror.ts';
import { isStreamId } from '../../mirror/stream-id.ts';
import { type Api, doorOf } from '../api.ts';
import { callerOf } from '../auth.ts';
import { accountParams, answers, named } from '../schema.ts';
import { sendEvents } from '../streams/events.ts';
import { LiveHub } from '../streams/live.ts';
import { SseStream } from '../streams/sse.ts';
import { StreamCount } from '../streams/stream-count.ts';

const STREAM_ID = z.string().max(40).refine(isStreamId, 'is no id of an event: MS-NUMBER');
const EVENTS_QUERY = z.strictObject({
  after: STREAM_ID.optional().describe('the last event that was seen; Last-Event-ID takes precedence'),
});
/** The `data` of frames; the document names them, for streams have no schema of their parts. */
named('LiveFrame', FRAME);
named('LivePatch', PATCH);
const STREAM = (what: string) => ({
  description: what,
  content: { 'text/event-stream': { schema: z.string().describe(what) } },
});

const EVENTS_ANSWER = STREAM(
  'Server-sent events. `hello` first; then each event of the ledger: `id` is its id, `event` its type, ' +
    '`data` a [LedgerEvent](#ledgerevent). Come back with Last-Event-ID: nothing is missed or sent twice. ' +
    '`reset` {reason: trimmed, rebuilt or behind}: events may be missing, read again what you keep. A ' +
    'comment every 10 s.',
);
const LIVE_ANSWER = STREAM(
  'Server-sent events. `frame` first, whose `data` is a [LiveFrame](#liveframe): the whole book. Then ' +
    '`patch` four times a second, a [LivePatch](#livepatch): of the status the fields that changed; of a ' +
    'list the rows that are new or changed, and the ids of all in their order, if that changed. What did ' +
    'not change is left out; a patch without changes says that the stream lives.',
);

/** `onCount`: told how many streams are open, whenever that changes. */
export function streamRoutes(api: Api, onCount: (open: number) => void = () => {}): void {
  const count = new StreamCount(onCount);
  const hubs = new WeakMap<Mirror, LiveHub>();
  api.get(
    '/events',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The events of the ledger, as they happen (SSE)',
        params: accountParams({}),
        querystring: EVENTS_QUERY,
        response: answers({ 200: EVENTS_ANSWER as unknown as z.ZodType }),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      count.requireRoom(caller.name);
      const after = lastEventId(request.headers['last-event-id']) ?? request.query.after;
      const { log, mirror: opened } = doorOf(request);
      const mirror = await opened();
      const lost = after === undefined ? undefined : await mirror.whyNotResumable(after);
      const stream = new SseStream(request, reply);
      count.add(caller.name, stream);
      await sendEvents(stream, mirror, after, lost).catch((error: unknown) => {
        log.warn({ err: error }, 'api: events could not be read; the client comes back');
        stream.end();
      });
    },
  );
  api.get(
    '/live',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The book, and what changes in it, at most four times a second (SSE)',
        params: accountParams({}),
        response: answers({ 200: LIVE_ANSWER as unknown as z.ZodType }),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      count.requireRoom(caller.name);
      const mirror = await doorOf(request).mirror();
      const hub = hubs.get(mirror) ?? new LiveHub(mirror);
      hubs.set(mirror, hub);
      const stream = new SseStream(request, reply);
      count.add(caller.name, stream);
      hub.add(stream);
    },
  );
}

function lastEventId(header: string | string[] | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && isStreamId(header)) return header;
  throw new WorkstealError('invalid', 'headers.last-event-id: is no id of an event: MS-NUMBER', {
    field: 'headers.last-event-id',
  });
}
