/**
 * A process whose host's clock is off, while its monotonic clock is right: as on a host that nobody set. By
 * libfaketime (Debian's package of that name), which answers the process's own calls of the system for the
 * time; where that is not installed, by a module that is loaded before the program and shifts what JavaScript
 * sees of it.
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
