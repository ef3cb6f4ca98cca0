/**
 * Ends a long-running command on Ctrl-C, SIGTERM, or a closed pipe (`| head`).
 */

/** Runs `follow` with a signal that aborts on any of these; resolves when `follow` has ended. */
export async function untilStopped(follow: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.on('error', onOutputError);
  try {
    await follow(stopping.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    if (!stopping.signal.aborted) process.stdout.off('error', onOutputError);
  }
}
