/**
 * Alpaca's trade updates: connect, authorize, listen, and again with backoff when the connection ends.
 * Nothing is replayed, so before every `connected` updates may have been missed.
 *
 *   closed -> open -> authorized -> listening (`connected`) -> closed (`disconnected`) -> backoff -> open …
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawData } from 'ws';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { secretHider } from '../../domain/secrets.ts';
import type { TradeUpdate } from '../port.ts';
import { connectionFault } from './connection-fault.ts';
import { StreamFrame } from './stream-wire.ts';
import { decode } from './wire.ts';

const MAX_FRAME_BYTES = 1024 * 1024;
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 15_000;

export type StreamSettings = {
  /** The trading host, as for requests: `https://…`. */
  tradingUrl: string;
  keyId: string;
  secretKey: string;
  /** The time limit from the connect to the confirmation that the stream is listened to. */
  handshakeTimeoutMs: number;
  /** Time between pings. A connection from which nothing came between two pings is closed. */
  pingMs: number;
  /** 0 <= x < 1, for the jitter of the backoff. */
  random: () => number;
};

/** Follows the stream until the signal aborts; then resolves. Never throws; `onUpdate` must not. */
export async function follow(
  settings: StreamSettings,
  onUpdate: (update: TradeUpdate) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const { message, proven } = await connection(settings, onUpdate, signal);
    if (signal.aborted) return;
    onUpdate({ kind: 'disconnected', message });
    failures = proven ? 1 : failures + 1;
    const backoffMs = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(failures - 1, 20));
    await sleep(backoffMs * (0.5 + settings.random() / 2), undefined, { signal }).catch(() => {});
  }
}

/**
 * One connection, from open to closed. `proven`: after `connected` it answered a ping or brought an update.
 */
function connection(
  settings: StreamSettings,
  onUpdate: (update: TradeUpdate) => void,
  signal: AbortSignal,
): Promise<{ message: string; proven: boolean }> {
  const { promise, resolve } = Promise.withResolvers<{ message: string; proven: boolean }>();
  const socket = new WebSocket(streamUrl(settings.tradingUrl), {
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: settings.handshakeTimeoutMs,
  });
  const hide = secretHider([settings.keyId, settings.secretKey]);
  let reason: string | undefined;
  let listening = false;
  let proven = false;
  let alive = true;
  let pinging: NodeJS.Timeout | undefined;

  const giveUp = (why: string): void => {
    reason ??= why;
    socket.terminate();
  };
  const say = (message: Record<string, unknown>): void => socket.send(JSON.stringify(message));
  const onAbort = (): void => giveUp('stopped');
  const handshake = setTimeout(
    () => giveUp(`not listening within ${settings.handshakeTimeoutMs} ms`),
    settings.handshakeTimeoutMs,
  );

  const onFrame = (data: RawData): void => {
    alive = true;
    const decoded = decodeFrame(data);
    // A frame that cannot be read may have been an update: a new connection makes the receiver reconcile.
    if (decoded.kind === 'odd') return giveUp(`an unreadable frame: ${decoded.fault}`);
    const frame = decoded.value;
    if (frame === undefined) return;
    switch (frame.stream) {
      case 'authorization':
        if (frame.data.status !== 'authorized')
          return giveUp(`the keys were not accepted: ${frame.data.status}`);
        return say({ action: 'listen', data: { streams: ['trade_updates'] } });
      case 'listening':
        if (!frame.data.streams.includes('trade_updates'))
          return giveUp('the broker did not confirm the subscription to trade updates');
        if (listening) return;
        listening = true;
        clearTimeout(handshake);
        pinging = setInterval(() => {
          if (!alive) return giveUp(`silent for ${settings.pingMs} ms`);
          alive = false;
          socket.ping();
        }, settings.pingMs);
        return onUpdate({ kind: 'connected' });
      case 'trade_updates': {
        proven = listening;
        const { data } = frame;
        return onUpdate('order' in data ? { kind: 'order', ...data } : { kind: 'odd', ...data });
      }
    }
  };

  socket.on('open', () => say({ action: 'auth', key: settings.keyId, secret: settings.secretKey }));
  socket.on('message', onFrame);
  socket.on('pong', () => {
    alive = true;
    proven = listening;
  });
  socket.on('error', (error) => {
    reason ??= connectionFault(error, new URL(settings.tradingUrl).host);
  });
  socket.on('close', (code) => {
    clearTimeout(handshake);
    clearInterval(pinging);
    signal.removeEventListener('abort', onAbort);
    resolve({ message: hide(reason ?? `closed with code ${code}`), proven });
  });
  signal.addEventListener('abort', onAbort, { once: true });
  return promise;
}

function streamUrl(tradingUrl: string): URL {
  const url = new URL('/stream', tradingUrl);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return url;
}

/** Frames are JSON, in text or in binary. */
function decodeFrame(data: RawData): ReturnType<typeof decode<z.output<typeof StreamFrame>>> {
  const bytes = Array.isArray(data)
    ? Buffer.concat(data)
    : data instanceof ArrayBuffer
      ? Buffer.from(data)
      : data;
  try {
    return decode(StreamFrame, JSON.parse(bytes.toString('utf8')));
  } catch {
    return { kind: 'odd', fault: 'not JSON' };
  }
}
