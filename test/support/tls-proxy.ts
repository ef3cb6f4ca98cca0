/** Adds TLS to a server without it: https for the exchange, wss for its stream. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';

/** @param url of the server behind it */
export async function startTlsProxy(
  url: string,
  { certificate, key }: Certificates,
): Promise<{ url: string; close(): Promise<void> }> {
  const { hostname, port } = new URL(url);
  const open = new Set<TLSSocket>();
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (client) => {
    const behind = connect(Number(port), hostname);
    open.add(client);
    client.once('close', () => {
      open.delete(client);
      behind.destroy();
    });
    behind.once('close', () => client.destroy());
    for (const socket of [client, behind]) socket.on('error', () => {});
    client.pipe(behind).pipe(client);
  });
  server.on('tlsClientError', () => {}); // a client that does not trust us
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const client of open) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
