/**
 * What every process that a test starts needs of this one's environment: the programs, and Node's compile
 * cache, without which each start takes half a second more of a processor. Doors take any free port: two
 * tests at once must not want the same one.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CHILD_ENV: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'worksteal-compile-cache'),
  WORKSTEAL_API_PORT: '0',
  WORKSTEAL_GATEWAY_PORT: '0',
};
