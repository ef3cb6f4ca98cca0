/**
 * What every process that a test starts needs of this one's environment: the programs, and Node's compile
 * cache, without which each start takes half a second more of a processor.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CHILD_ENV: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'worksteal-compile-cache'),
};
