/** Looks for a Redis or Valkey server on the PATH, and asks for its version. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { WorkstealError } from '../domain/errors.ts';

const SERVERS = ['redis-server', 'valkey-server'] as const;

/**
 * 6.2 brought what the scripts use (`XTRIM … MINID`, `ZRANGE … BYSCORE REV LIMIT`); BullMQ asks for it too.
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

/** The server on this PATH, or null where there is none. Throws `missing` where it is too old to be used. */
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

/** Throws `missing` unless `version` is at least the minimum. `where` names the server in the message. */
export function requireVersion(version: string, where: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = MINIMUM_VERSION.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new WorkstealError(
    'missing',
    `${where} is version ${version}; worksteal needs Redis or Valkey ${MINIMUM_VERSION} or newer`,
    {
      version,
      where,
    },
  );
}
