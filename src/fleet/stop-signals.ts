/** When a process of ours is asked to end. */
import { watchStarter } from './starter.ts';

/** npm and the terminal both pass on one Ctrl-C, at most this far apart. */
const SAME_WISH_MS = 2_000;
const KILLED_BY_SIGINT = 130;

export type StopSource = {
  /** `send`: it was started with a channel; `connected`: that is still there. */
  signals: Pick<NodeJS.Process, 'on' | 'off'> &
    Partial<Pick<NodeJS.Process, 'channel' | 'send' | 'connected'>>;
  exit: (code: number) => void;
  monotonicMs: () => number;
  /**
   * Calls back when the process that started this one is gone; returns how to stop looking. Left out: it is
   * not watched.
   */
  watchStarter?: (onGone: () => void) => () => void;
};

const OURS: StopSource = {
  signals: process,
  exit: (code) => process.exit(code),
  monotonicMs: () => performance.now(),
  watchStarter,
};

/**
 * Calls `stop` once: at SIGTERM or SIGINT, or when the process that started this one is gone: over a channel
 * (`worksteal up` was killed), or as its parent (npx, which does not pass SIGTERM on; starter.ts). A second
 * signal soon after the first changes nothing: npm passes on the Ctrl-C that the terminal has sent already,
 * and must not interrupt the orderly end. A later signal comes from somebody who does not want to wait: the
 * process ends at once. Returns how to stop listening.
 */
export function onStop(
  stop: () => void,
  { signals, exit, monotonicMs, watchStarter: watch }: StopSource = OURS,
): () => void {
  let askedMs: number | undefined;
  const onSignal = (): void => {
    if (askedMs !== undefined && monotonicMs() - askedMs > SAME_WISH_MS) exit(KILLED_BY_SIGINT);
    if (askedMs !== undefined) return;
    askedMs = monotonicMs();
    stop();
  };
  const onAlone = (): void => {
    if (askedMs === undefined) onSignal();
  };
  signals.on('SIGTERM', onSignal);
  signals.on('SIGINT', onSignal);
  signals.on('disconnect', onAlone);
  const unwatch = watch?.(onAlone);
  signals.channel?.unref(); // to listen to its end must not keep a finished process alive
  // Who started this one may be gone before it could listen; `stop` is called once this has returned, as
  // ever.
  if (signals.send !== undefined && signals.connected === false) queueMicrotask(onAlone);
  return () => {
    unwatch?.();
    signals.off('SIGTERM', onSignal);
    signals.off('SIGINT', onSignal);
    signals.off('disconnect', onAlone);
  };
}
