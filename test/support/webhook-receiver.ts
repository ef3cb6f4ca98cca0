/** A receiver of webhooks on this machine, which can be down and come back at its address. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { headers: IncomingHttpHeaders; text: string; body: Record<string, unknown> };

export type Receiver = {
  url: string;
  /** What it accepted, in the order of its arrival. */
  messages: Received[];
  /** `state check` or `state check.cause` of each. */
  told(): string[];
  /** It answers with this status from now on. */
  answer(status: number): void;
  /** Its port is closed, or open again. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  let status = 200;
  let port = 0;
  let server: Server | undefined;
  const receiver: Receiver = {
    url: '',
    messages: [],
    told: () =>
      receiver.messages.map(({ body }) => {
        const { state, check, cause } = body;
        return `${state} ${check}${cause ? `.${cause}` : ''}`;
      }),
    answer(next) {
      status = next;
    },
    async stop() {
      const closing = server;
      server = undefined;
      closing?.closeAllConnections();
      await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
    },
    async start() {
      server = createServer((request, response) => {
        let text = '';
        request.on('data', (part: Buffer) => {
          text += part;
        });
        request.on('end', () => {
          response.writeHead(status).end();
          if (status !== 200) return;
          receiver.messages.push({ headers: request.headers, text, body: JSON.parse(text) });
        });
      });
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
      receiver.url = `http://127.0.0.1:${port}/hook`;
    },
  };
  await receiver.start();
  return receiver;
}
