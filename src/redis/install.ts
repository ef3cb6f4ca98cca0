/**
 * Installs a Redis server with the system's package manager, if this process is root or may use sudo without
 * a password.
 */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { WorkstealError } from '../domain/errors.ts';
import { findProgram } from './server-binary.ts';

const run = promisify(execFile);

/** The log of this folder; a pino logger fits. */
export type RedisLog = { info(message: string): void; warn(message: string): void };

/**
 * `RUNLEVEL=1` keeps Debian from starting the packaged service: the embedded server is our own child process.
 */
const APT = [
  'env',
  'DEBIAN_FRONTEND=noninteractive',
  'RUNLEVEL=1',
  'apt-get',
  '-y',
  '-qq',
  '-o',
  'DPkg::Lock::Timeout=120',
];

type PackageManager = { program: string; asRoot: boolean; commands: readonly (readonly string[])[] };

const MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    asRoot: true,
    commands: [
      [...APT, 'update'],
      [...APT, 'install', '--no-install-recommends', 'redis-server'],
    ],
  },
  {
    program: 'dnf',
    asRoot: true,
    commands: [['sh', '-c', 'dnf install -y -q redis || dnf install -y -q valkey']],
  },
  { program: 'yum', asRoot: true, commands: [['yum', 'install', '-y', '-q', 'redis']] },
  {
    program: 'apk',
    asRoot: true,
    commands: [['sh', '-c', 'apk add --no-cache redis || apk add --no-cache valkey']],
  },
  { program: 'pacman', asRoot: true, commands: [['pacman', '-Sy', '--noconfirm', '--needed', 'valkey']] },
  {
    program: 'zypper',
    asRoot: true,
    commands: [['sh', '-c', 'zypper -n install redis || zypper -n install valkey']],
  },
  { program: 'brew', asRoot: false, commands: [['brew', 'install', '--quiet', 'redis']] },
];

/** Long enough for a slow mirror, and a limit for a package manager that hangs. */
const INSTALL_LIMIT_MS = 300_000;

const ADVICE =
  'install redis-server or valkey-server (6.2 or newer; e.g. apt-get install redis-server), or set REDIS_URL';

/**
 * Logs each command, then runs it. The caller looks for the server afterwards.
 * @throws WorkstealError `missing`, with what to install, where there is no known package manager, no
 *   permission to use it, or the installation fails
 */
export async function installServer(path: string, log: RedisLog): Promise<void> {
  const manager = MANAGERS.find((one) => findProgram(one.program, path) !== null);
  if (manager === undefined) throw missing('no package manager known to worksteal was found');
  const prefix = await privilege(manager, path);
  for (const command of manager.commands) {
    const [program = '', ...args] = [...prefix, ...command];
    log.info(`no Redis server on the PATH; installing one: ${[program, ...args].join(' ')}`);
    try {
      await run(program, args, {
        timeout: INSTALL_LIMIT_MS,
        maxBuffer: 16 * 1024 * 1024,
        env: { ...process.env, PATH: path },
      });
    } catch (cause) {
      throw missing(`${manager.program} failed to install it (${lastLine(cause)})`, cause);
    }
  }
}

/** The prefix of a command: nothing, or sudo in its non-interactive mode. */
async function privilege(manager: PackageManager, path: string): Promise<string[]> {
  const root = userInfo().uid === 0;
  if (root === manager.asRoot) return [];
  if (root) throw missing(`${manager.program} refuses to run as root`);
  const sudo = findProgram('sudo', path);
  if (sudo === null) throw missing(`${manager.program} needs root, and there is no sudo`);
  try {
    await run(sudo, ['-n', 'true'], { timeout: 10_000 });
  } catch (cause) {
    throw missing(`${manager.program} needs root, and sudo asks for a password`, cause);
  }
  return [sudo, '-n'];
}

function missing(why: string, cause?: unknown): WorkstealError {
  return new WorkstealError('missing', `no Redis server: ${why}; ${ADVICE}`, {}, cause);
}

function lastLine(cause: unknown): string {
  const text = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
