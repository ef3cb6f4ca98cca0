/**
 * The embedded Redis: a child process on a free loopback port, in a temporary folder. It ends with this
 * process, however that ends.
 *
 * The server is a child of a small shell, the guard, which reads a pipe that only this process holds open.
 * When this process closes the pipe or dies, the guard stops the server and removes the folder. The guard
 * leads its own process group, so that Ctrl-C in a terminal reaches only this process, which then shuts down
 * in order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WorkstealError } from '../domain/errors.ts';

/** `none`: nothing is written to disk; `everysec`: an append-only file, at most the last second is lost. */
export type Persistence = 'none' | 'everysec';

export type EmbeddedOptions = {
  /** Full path of the server's program. */
  binary: string;
  persistence: Persistence;
  /** A folder to keep the data in; left out: a temporary one that is removed at the end. */
  folder?: string;
  /** The loopback port to listen on; left out: a free one. */
  port?: number;
  /**
   * Further arguments of the server, such as `['--aclfile', FILE]`; they override the ones set here. Never a
   * secret: every user of the machine can read them.
   */
  args?: readonly string[];
};

export type EmbeddedRedis = {
  url: string;
  port: number;
  /** The server's process, for tests that end or stop it. */
  pid: number;
  /** Resolves when the server has ended, by `close` or by itself. */
  ended: Promise<void>;
  /** Stops the server in order and removes its temporary folder; further calls change nothing. */
  close(): Promise<void>;
};

/**
 * $1: the temporary folder to remove, or ''. $2: the server. The rest: its arguments. Prints the server's pid
 * first. A server that is busy with a script ignores SIGTERM, so SIGKILL follows after 5 s.
 */
const GUARD = `
scrap=$1; server=$2; shift 2
exec 3<&0
"$server" "$@" </dev/null 3<&- & pid=$!
echo "pid $pid"
exec >/dev/null 2>&1
( read -r _ <&3; kill -TERM $pid; sleep 5; kill -KILL $pid ) & guard=$!
wait $pid; status=$?
kill $guard
[ -z "$scrap" ] || rm -rf "$scrap"
exit $status
`;

const ATTEMPTS = 5;
const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 10_000;
const MAX_LAST_LINES = 20;

/**
 * Starts a server and resolves when it accepts connections.
 * @throws WorkstealError `missing` where it does not start within 15 s, with its last lines of output
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, options.port ?? (await freePort()));
    } catch (error) {
      // Another process may take the port between our check and the server's bind.
      if (attempt === ATTEMPTS || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startOnce(
  { binary, persistence, folder, args = [] }: EmbeddedOptions,
  port: number,
): Promise<EmbeddedRedis> {
  const scrap = folder === undefined ? mkdtempSync(join(tmpdir(), 'worksteal-redis-')) : '';
  const settings = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder ?? scrap,
    '--maxmemory-policy',
    'noeviction',
  ];
  settings.push(
    '--daemonize',
    'no',
    '--logfile',
    '',
    '--save',
    '',
    '--appendonly',
    persistence === 'everysec' ? 'yes' : 'no',
  );
  settings.push('--appendfsync', 'everysec', ...args);
  const guard = spawn('/bin/sh', ['-c', GUARD, 'worksteal-redis', scrap, binary, ...settings], {
    detached: true,
  });
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const close = (): Promise<void> => stop(guard, ended, scrap);
  try {
    const pid = await ready(guard, binary);
    // The server must not keep a finished program alive; open connections to it do.
    guard.unref();
    for (const stream of [guard.stdin, guard.stdout, guard.stderr]) (stream as Socket | null)?.unref();
    return { url: `redis://127.0.0.1:${port}`, port, pid, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The server's pid, once its output says that it accepts connections. */
function ready(guard: ChildProcess, binary: string): Promise<number> {
  const lastLines: string[] = [];
  let pid = 0;
  let accepts = false;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(
        new WorkstealError('missing', `${binary} ${why}: ${lastLines.join(' | ') || 'it printed nothing'}`, {
          binary,
        }),
      );
    const limit = setTimeout(() => fail(`was not ready within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    const listen = (line: string): void => {
      if (lastLines.push(line) > MAX_LAST_LINES) lastLines.shift();
      pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
      accepts ||= line.includes('Ready to accept connections');
      if (!accepts || pid === 0) return;
      clearTimeout(limit);
      resolve(pid);
    };
    for (const input of [guard.stdout, guard.stderr]) {
      // Keep reading: a full pipe would stall the server.
      if (input !== null) createInterface({ input }).on('line', listen);
    }
    guard.once('error', (error) => fail(`could not be started (${error.message})`));
    guard.once('close', (code) => {
      clearTimeout(limit);
      fail(`ended with code ${code}`);
    });
  });
}

async function stop(guard: ChildProcess, ended: Promise<void>, scrap: string): Promise<void> {
  if (guard.exitCode === null && guard.signalCode === null && guard.pid !== undefined) {
    guard.ref();
    guard.stdin?.end();
    const group = -guard.pid;
    const limit = setTimeout(() => killGroup(group), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
  }
  if (scrap !== '') rmSync(scrap, { recursive: true, force: true });
}

function killGroup(group: number): void {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

/** A loopback port that nobody listens on at this instant. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
