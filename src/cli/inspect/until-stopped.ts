/**
 * Ends a long-running command on Ctrl-C, SIGTERM, or a closed pipe (`| head`).
 */

/** The exit codes of a program that a signal ended: 128 and the signal's number. */
export const EXIT_AFTER = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `follow` with a signal that aborts on any of these; resolves when `follow` has ended. After Ctrl-C or
 * SIGTERM the process's exit code is 130 or 143.
 */
export async function untilStopped(follow: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    process.exitCode = EXIT_AFTER[name as keyof typeof EXIT_AFTER];
    stopping.abort();
  };
  // Whether it is a failure, main.ts decides.
  const onOutputError = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stdout.on('error', onOutputError);
  try {
    await follow(stopping.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.stdout.off('error', onOutputError);
  }
}
