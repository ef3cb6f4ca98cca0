/** Follows `trade_updates` as a bot of Alpaca does: nothing is replayed, so it lists after each connect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';

const RETRY_MS = 200;
/** A stream that was never opened, or that nobody answers on. */
const OPEN_LIMIT_MS = 3_000;

const message = z.looseObject({
  stream: z.string(),
  data: z.looseObject({
    status: z.string().optional(),
    streams: z.array(z.string()).optional(),
    order: z.record(z.string(), z.unknown()).optional(),
  }),
});

export type UpdatesOptions = {
  /** Of the door, asked at each connect. */
  url: () => string;
  keyId: string;
  secret: string;
  /** The order of an update. */
  onOrder: (order: Record<string, unknown>) => void;
  /** It listens from now on. */
  onListening: () => void;
};

/** Until the signal aborts. */
export async function followUpdates(options: UpdatesOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await connection(options, signal);
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Resolves when the connection is over. */
async function connection(options: UpdatesOptions, signal: AbortSignal): Promise<void> {
  const { url, keyId, secret, onOrder, onListening } = options;
  const socket = new WebSocket(`${url().replace('http', 'ws')}/stream`, { handshakeTimeout: OPEN_LIMIT_MS });
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => socket.terminate();
  const unanswered = setTimeout(end, OPEN_LIMIT_MS);
  signal.addEventListener('abort', end, { once: true });
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  socket.on('open', () => socket.send(JSON.stringify({ action: 'auth', key: keyId, secret })));
  socket.on('message', (raw) => {
    const { stream, data } = message.parse(JSON.parse(String(raw)));
    if (stream === 'authorization')
      socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
    if (stream === 'listening') {
      clearTimeout(unanswered);
      onListening();
    }
    if (stream === 'trade_updates' && data.order !== undefined) onOrder(data.order);
  });
  await promise;
  clearTimeout(unanswered);
  signal.removeEventListener('abort', end);
}
