/** A client of server-sent events, as a browser's EventSource: it comes back with the last id. */
import { setTimeout as sleep } from 'node:timers/promises';

export type SseFrame = { id: string | undefined; event: string; data: Record<string, unknown> };

const RETRY_MS = 50;

export class SseClient {
  readonly frames: SseFrame[] = [];
  /** How often it has connected. */
  connects = 0;
  lastId: string | undefined;
  headers: Headers | undefined;
  /** Of the last answer; 0 where there was none. */
  status = 0;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;

  readonly #onFrame: (frame: SseFrame) => void;

  /** @param urlOf asked at each connect: a server that was started again has another port */
  constructor(
    urlOf: () => string,
    token: string,
    after?: string,
    onFrame: (frame: SseFrame) => void = () => {},
  ) {
    this.lastId = after;
    this.#onFrame = onFrame;
    this.#running = this.#run(urlOf, token);
  }

  /** The ids of its events, without `hello` and `reset`. */
  get ids(): string[] {
    return this.frames.filter(({ event }) => !['hello', 'reset'].includes(event)).map(({ id }) => id ?? '');
  }

  of(event: string): SseFrame[] {
    return this.frames.filter((frame) => frame.event === event);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(urlOf: () => string, token: string): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const headers = {
          authorization: `Bearer ${token}`,
          ...(this.lastId !== undefined && { 'last-event-id': this.lastId }),
        };
        const answer = await fetch(urlOf(), { headers, signal });
        this.status = answer.status;
        this.headers = answer.headers;
        if (answer.status === 200 && answer.body !== null) {
          this.connects += 1;
          await this.#read(answer.body);
        }
      } catch {
        this.status = 0;
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#take(part);
    }
  }

  #take(part: string): void {
    const fields = new Map(
      part.split('\n').map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
    );
    const data = fields.get('data');
    if (data === undefined) return;
    const id = fields.get('id');
    this.lastId = id ?? this.lastId;
    const frame = { id, event: fields.get('event') ?? '', data: JSON.parse(data) as SseFrame['data'] };
    this.frames.push(frame);
    this.#onFrame(frame);
  }
}
