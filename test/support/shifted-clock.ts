/**
 * A process whose host's wall clock is wrong, while its monotonic clock is right. Uses libfaketime (Debian
 * package of that name), which changes the time in system calls; without it, a preloaded module changes the
 * time in JavaScript only.
 */
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LIBRARY = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0];
const MODULE = fileURLToPath(new URL('./shift-clock.mjs', import.meta.url));

/** What the environment of a process is given for a clock so many minutes ahead (behind below 0). */
export function clockOff(minutes: number): Record<string, string> {
  if (LIBRARY === undefined) return { NODE_OPTIONS: `--import ${MODULE}`, SHIFT_CLOCK_MINUTES: `${minutes}` };
  const offset = `${minutes < 0 ? '' : '+'}${minutes}m`;
  return { LD_PRELOAD: LIBRARY, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
