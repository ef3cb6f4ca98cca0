/** How long events take to arrive here. */
import type { Copy } from './copy.ts';
import type { StreamListener } from './event-reader.ts';

/**
 * Tells of each event how long it took, ms, by the clock of Redis. That clock is known from the last poll;
 * before the first one nothing is measured.
 */
export function lagMeter(copy: Pick<Copy, 'atMs' | 'readAt'>, onLag: (ms: number) => void): StreamListener {
  return {
    onEvent: ({ id }) => {
      const { atMs, readAt } = copy;
      if (atMs > 0) onLag(atMs + performance.now() - readAt - Number.parseInt(id, 10));
    },
    onReset: () => {},
  };
}
