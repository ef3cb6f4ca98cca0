/**
 * A proxy between the fleet and its exchange. On demand it answers selected requests with a page that shows
 * the request's headers, including keys, as some proxies' error pages do.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export type EchoingProxy = {
  url: string;
  /** Requests that `picks` are answered with the page and this status; how many were, so far, is returned. */
  echo(picks: (method: string, path: string) => boolean, status: number): () => number;
  close(): Promise<void>;
};

export async function startEchoingProxy(target: string): Promise<EchoingProxy> {
  const { hostname, port } = new URL(target);
  let picked: (method: string, path: string) => boolean = () => false;
  let status = 403;
  let echoed = 0;
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    if (!picked(method, url)) return forward(incoming, outgoing);
    echoed += 1;
    const headers = Object.entries(incoming.headers).map(([name, value]) => `<li>${name}: ${value}</li>`);
    outgoing
      .writeHead(status, { 'content-type': 'text/html' })
      .end(`<html><body><p>${method} was refused</p>${headers.join('')}</body></html>`);
  });
  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, headers, url: path } = incoming;
    const onward = request({ hostname, port, method, headers, path }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }
  // The stream: its first request as it came, then bytes.
  server.on('upgrade', ({ method, url, rawHeaders }, client) => {
    const behind = connect(Number(port), hostname);
    const lines = Array.from(
      { length: rawHeaders.length / 2 },
      (_, at) => `${rawHeaders[2 * at]}: ${rawHeaders[2 * at + 1]}`,
    );
    behind.write(`${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    for (const socket of [client, behind]) socket.on('error', () => {});
    client.once('close', () => behind.destroy());
    behind.once('close', () => client.destroy());
    client.pipe(behind).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    echo(picks, answered) {
      [picked, status, echoed] = [picks, answered, 0];
      return () => echoed;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
