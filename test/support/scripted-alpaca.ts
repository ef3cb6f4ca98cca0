/**
 * A server with Alpaca's API that follows a script, request by request: malformed, slow and aborted answers,
 * which a correct exchange never sends. Requests beyond the script get 501, which fails the test.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

export type Reply =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** Never answers. */
  | 'hang'
  /** Reads the request, then drops the connection. */
  | 'reset'
  /** Announces a body and drops the connection in its middle. */
  | 'cut';

export type Seen = { method: string; url: URL; headers: IncomingMessage['headers']; body: string };

export type ScriptedAlpaca = {
  url: string;
  seen: Seen[];
  /** The next answers, in order, whatever is asked. */
  script: (...replies: Reply[]) => void;
  /** Drops the answers that nobody asked for. */
  forget: () => void;
  /** Called with every stream connection. */
  onSocket: (handler: (socket: WebSocket) => void) => void;
  close: () => Promise<void>;
};

export async function startScriptedAlpaca(): Promise<ScriptedAlpaca> {
  const seen: Seen[] = [];
  const replies: Reply[] = [];
  let socketHandler: (socket: WebSocket) => void = () => {};
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    seen.push({
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://scripted'),
      headers: request.headers,
      body,
    });
    give(replies.shift() ?? { status: 501, body: { message: 'beyond the script' } }, response);
  });
  const sockets = new WebSocketServer({ server, path: '/stream' });
  sockets.on('connection', (socket) => socketHandler(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    script: (...next) => void replies.push(...next),
    forget: () => void replies.splice(0),
    onSocket: (handler) => {
      socketHandler = handler;
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function give(reply: Reply, response: ServerResponse): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  if (reply === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => response.destroy());
    return;
  }
  const isText = typeof reply.body === 'string';
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/html' : 'application/json',
    ...reply.headers,
  });
  response.end(
    reply.body === undefined ? undefined : isText ? String(reply.body) : JSON.stringify(reply.body),
  );
}

/** An order in Alpaca's spelling; the fields given replace the defaults. */
export function wireOrder(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'broker-1',
    client_order_id: 'order-1',
    submitted_at: '2026-11-20T15:00:00.123456789Z',
    asset_class: 'us_equity',
    symbol: 'AAPL',
    notional: null,
    qty: '10',
    filled_qty: '0',
    filled_avg_price: null,
    order_class: '',
    type: 'limit',
    side: 'buy',
    time_in_force: 'day',
    limit_price: '180.5',
    status: 'new',
    ...fields,
  };
}
