/** How many streams may be open at once. */
import { HttpError } from '../problem.ts';
import type { SseStream } from './sse.ts';

const MAX_STREAMS = 500;
const MAX_OF_TOKEN = 100;

export class StreamCount {
  readonly #onCount: (open: number) => void;
  readonly #open = new Map<string, number>();
  #all = 0;

  constructor(onCount: (open: number) => void) {
    this.#onCount = onCount;
  }

  /** @throws HttpError `too_many_requests` when one more would be too many */
  requireRoom(token: string): void {
    if (this.#all >= MAX_STREAMS)
      throw new HttpError('too_many_requests', `${MAX_STREAMS} streams of this server are open`);
    if ((this.#open.get(token) ?? 0) >= MAX_OF_TOKEN)
      throw new HttpError('too_many_requests', `${MAX_OF_TOKEN} streams of the token ${token} are open`);
  }

  /** Counts the stream until it ends. */
  add(token: string, { ended }: SseStream): void {
    if (ended.aborted) return;
    this.#change(token, 1);
    ended.addEventListener('abort', () => this.#change(token, -1), { once: true });
  }

  #change(token: string, by: number): void {
    this.#all += by;
    this.#onCount(this.#all);
    const left = (this.#open.get(token) ?? 0) + by;
    if (left === 0) this.#open.delete(token);
    else this.#open.set(token, left);
  }
}
