import { type AddressInfo, createServer } from 'node:net';

/** The system gives the ports from here on to connections. */
const FIRST_EPHEMERAL = 32_768;
const FIRST = 20_000;
const TRIES = 100;

/** A loopback port that nobody listens on at this instant. */
export async function freePort(): Promise<number> {
  return (await listened(0)) as number;
}

/** The same, of those that no outgoing connection takes: a server may come back to it. */
export async function keptPort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = await listened(FIRST + Math.floor((FIRST_EPHEMERAL - FIRST) * Math.random()));
    if (port !== undefined) return port;
  }
  throw new Error(`no free port from ${FIRST} to ${FIRST_EPHEMERAL - 1}`);
}

/** Listens for an instant; undefined where another one listens. */
function listened(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer().listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
    server.on('error', () => resolve(undefined));
  });
}
