/** Waits for the end of any order of the account, or for a replacement that takes its place. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventFeed } from '../../coordinator/event-feed.ts';

/** An event may be lost. */
const LOOK_AGAIN_MS = 500;

export type NextEnd = {
  /** Returns when that happened since the call of `nextEnd`, or it is time to look again. */
  wait(signal: AbortSignal): Promise<void>;
  stop(): void;
};

/** Listens from now on, so that no end is missed between a look and the wait. Stop it. */
export function nextEnd(events: Pick<EventFeed, 'hurry' | 'listen'>): NextEnd {
  const ended = new AbortController();
  const unhurry = events.hurry();
  const unlisten = events.listen({
    onEvent: ({ type }) => (type === 'ended' || type === 'amended') && ended.abort(),
    onGap: () => ended.abort(),
  });
  return {
    stop: () => {
      unhurry();
      unlisten();
    },
    wait: (signal) =>
      sleep(LOOK_AGAIN_MS, undefined, { signal: AbortSignal.any([signal, ended.signal]) }).catch(() => {}),
  };
}
