/** Detects that this process should stop. */
import { watchStarter } from './starter.ts';

/** npm and the terminal both forward one Ctrl-C, at most this far apart. */
const SAME_WISH_MS = 2_000;
const KILLED_BY_SIGINT = 130;

export type StopSource = {
  /** `send`: the process was started with an IPC channel; `connected`: the channel is open. */
  signals: Pick<NodeJS.Process, 'on' | 'off'> &
    Partial<Pick<NodeJS.Process, 'channel' | 'send' | 'connected'>>;
  exit: (code: number) => void;
  monotonicMs: () => number;
  /**
   * Calls back when the parent process is gone; returns a function that stops watching. Default: not watched.
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
 * Calls `stop` once: on SIGTERM or SIGINT, or when the parent is gone. A closed IPC channel shows that
 * `worksteal up` was killed; starter.ts detects the end of npx, which does not forward SIGTERM.
 *
 * A second signal within SAME_WISH_MS is ignored: npm forwards the Ctrl-C that the terminal has sent already.
 * A later one ends the process at once, for a user who does not want to wait.
 * @returns a function that stops listening
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
  signals.channel?.unref(); // listening must not keep a finished process alive
  // The parent may have ended before this process listened. `stop` is called after this function returns, as
  // in every other case.
  if (signals.send !== undefined && signals.connected === false) queueMicrotask(onAlone);
  return () => {
    unwatch?.();
    signals.off('SIGTERM', onSignal);
    signals.off('SIGINT', onSignal);
    signals.off('disconnect', onAlone);
  };
}
