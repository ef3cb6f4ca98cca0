/** Sends HTTP as raw bytes, as no client library would, and returns the raw answer. One request at a time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PATIENCE_MS = 60_000;

export type RawAnswer = { status: number; headers: string; body: string };

export class RawHttp {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  /** Called when bytes came, or the end. */
  #news: () => void = () => {};

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /**
   * Sends bytes, with `last` the end after them; the answer, or `closed` when the server ended the connection
   * without one.
   */
  async send(request: Buffer, head = false, last = false): Promise<RawAnswer | 'closed'> {
    const socket = await this.#open();
    if (last) socket.end(request);
    else socket.write(request);
    const answer = await this.#answer(socket, head);
    // What an answer says of a request that was cut short ends the connection; so do bytes that nobody asked
    // for.
    if (answer === 'closed' || /^connection: close/im.test(answer.headers) || this.#received.length > 0)
      this.close();
    return answer;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  async #open(): Promise<Socket> {
    if (this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    this.close();
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', () => {}); // a reset shows as a close
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#news();
    });
    socket.on('close', () => this.#news());
    await once(socket, 'connect');
    this.#socket = socket;
    return socket;
  }

  async #answer(socket: Socket, head: boolean): Promise<RawAnswer | 'closed'> {
    for (;;) {
      const answer = this.#take(head);
      if (answer !== undefined) return answer;
      if (socket.destroyed) return 'closed';
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
        this.#news = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  #take(head: boolean): RawAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const headers = this.#received.subarray(0, end).toString('latin1');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1]);
    const length = head ? 0 : Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return undefined;
    const body = this.#received.subarray(end + 4, end + 4 + length).toString('utf8');
    this.#received = this.#received.subarray(end + 4 + length);
    return { status, headers, body };
  }
}
