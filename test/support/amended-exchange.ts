/**
 * A proxy before a paper exchange that changes answers path by path, to show what only a real broker sends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** Gets the exchange's answer and returns the one to give; `undefined` where the exchange refused. */
export type Amendment = (body: unknown, url: URL) => unknown;

export type AmendedExchange = {
  url: string;
  /** From now on; undefined: the exchange's own answer again. */
  amend: (path: string, amendment: Amendment | undefined) => void;
  /** From now on no request is answered: its connection stays open, or breaks at once. */
  fallSilent: (how: 'hang' | 'break') => void;
  close: () => Promise<void>;
};

export async function startAmendedExchange(exchangeUrl: string): Promise<AmendedExchange> {
  const amendments = new Map<string, Amendment>();
  const sockets = new Set<Socket>();
  const target = new URL(exchangeUrl);
  let silence: 'hang' | 'break' | undefined;
  const server = createServer((request, response) => {
    if (silence === 'break') response.destroy();
    else if (silence === undefined) void pass(request, response, exchangeUrl, amendments);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
      upstream.write([`GET ${request.url} HTTP/1.1`, ...headers, '', ''].join('\r\n'));
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        socket.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    amend: (path, amendment) => void (amendment ? amendments.set(path, amendment) : amendments.delete(path)),
    fallSilent(how) {
      silence = how;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  exchangeUrl: string,
  amendments: ReadonlyMap<string, Amendment>,
): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const url = new URL(request.url ?? '/', exchangeUrl);
  const method = request.method ?? 'GET';
  const headers = { 'content-type': request.headers['content-type'] ?? 'application/json' };
  try {
    const answer = await fetch(url, { method, ...(body === '' ? {} : { body, headers }) });
    const amendment = method === 'GET' ? amendments.get(url.pathname) : undefined;
    const text = await answer.text();
    const date = { date: answer.headers.get('date') ?? new Date().toUTCString() };
    if (amendment === undefined)
      response
        .writeHead(answer.status, { 'content-type': 'application/json', ...date })
        .end(text || undefined);
    else {
      const amended = amendment(answer.ok && text !== '' ? JSON.parse(text) : undefined, url);
      response.writeHead(200, { 'content-type': 'application/json', ...date }).end(JSON.stringify(amended));
    }
  } catch {
    response.destroy();
  }
}
