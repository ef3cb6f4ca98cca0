/**
 * The book as viewers see it: a whole frame first, then what has changed, at most four times a second. All
 * viewers of an account get the same text, which is made once.
 */
import type { Mirror } from '../../mirror/port.ts';
import { patchOf, type View, viewOf } from './live-view.ts';
import { frameBytes, type SseStream } from './sse.ts';

/** The viewers of one account. */
export class LiveHub {
  readonly #mirror: Mirror;
  readonly #viewers = new Set<SseStream>();
  #view: View | undefined;
  #stop: (() => void) | undefined;

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  /** Sends a frame, and then patches, until the stream ends. */
  add(stream: SseStream): void {
    this.#view ??= viewOf(this.#mirror);
    this.#stop ??= this.#mirror.onChange(() => this.#tick());
    stream.send({ event: 'frame', data: { ...this.#beat(), ...this.#view } });
    if (stream.ended.aborted) return this.#rest();
    this.#viewers.add(stream);
    stream.ended.addEventListener(
      'abort',
      () => {
        this.#viewers.delete(stream);
        this.#rest();
      },
      { once: true },
    );
  }

  #rest(): void {
    if (this.#viewers.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#view = undefined;
  }

  #beat(): object {
    const { account, atMs, isStale, lastEventId } = this.#mirror;
    return { account, atMs, isStale, lastEventId };
  }

  /** Every time, changes or not: viewers know by it that the stream lives. */
  #tick(): void {
    const before = this.#view;
    if (before === undefined) return;
    this.#view = viewOf(this.#mirror);
    const bytes = frameBytes({ event: 'patch', data: { ...this.#beat(), ...patchOf(before, this.#view) } });
    for (const viewer of [...this.#viewers]) viewer.sendBytes(bytes);
  }
}
