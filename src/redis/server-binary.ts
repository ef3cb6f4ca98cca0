/** Finds a Redis or Valkey server on the PATH, and checks its version. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { WorkstealError } from '../domain/errors.ts';

const SERVERS = ['redis-server', 'valkey-server'] as const;

/**
 * The scripts use commands of 6.2 (`XTRIM … MINID`, `ZRANGE … BYSCORE REV LIMIT`); BullMQ needs it too.
 */
export const MINIMUM_VERSION = '6.2';

export type ServerBinary = { path: string; version: string };

/** The full path of a program on this PATH, or null. */
export function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/**
 * The server on this PATH, or null where there is none.
 * @throws WorkstealError `missing` where it is too old
 */
export async function findServer(path: string): Promise<ServerBinary | null> {
  for (const name of SERVERS) {
    const file = findProgram(name, path);
    if (file === null) continue;
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 5_000 });
    const version = /\bv=(\d+\.\d+[.\d]*)/.exec(stdout)?.[1] ?? 'unknown';
    requireVersion(version, file);
    return { path: file, version };
  }
  return null;
}

/**
 * @param where names the server in the message
 * @throws WorkstealError `missing` where `version` is below the minimum
 */
export function requireVersion(version: string, where: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = MINIMUM_VERSION.split('.').map(Number);
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return;
  throw new WorkstealError(
    'missing',
    `${where} is version ${version}; worksteal needs Redis or Valkey ${MINIMUM_VERSION} or newer`,
    {
      version,
      where,
    },
  );
}
