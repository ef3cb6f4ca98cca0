/**
 * Moves a test server's wall clock while it runs (moved-clock.c), as an NTP step or a restored machine does.
 */
import { execFileSync } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./moved-clock.c', import.meta.url));

export type MovedClock = {
  /** What the server's environment is given. */
  env: Readonly<Record<string, string>>;
  /** So many seconds ahead of the right time from now on; below 0: behind it. */
  set(seconds: number): void;
};

/** @param folder for what it needs. @returns undefined where there is no C compiler */
export function movedClock(folder: string): MovedClock | undefined {
  const library = join(folder, 'moved-clock.so');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, SOURCE], { stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const name = join(folder, 'clock');
  const file = openSync(name, 'w');
  const set = (seconds: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeSync(file, bytes, 0, bytes.length, 0);
  };
  set(0);
  return { env: { LD_PRELOAD: library, MOVED_CLOCK: name }, set };
}
