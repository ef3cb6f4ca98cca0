/**
 * A Redis with an append-only file and real faults. One fault at a time: a second one waits until the first
 * is healed. Every fault is bounded in time, and is always healed.
 *
 * `restart` sends SIGKILL. `restartLosing` cuts the append-only file back to an earlier length, as if the
 * rest had not reached the disk. `diskFull` limits the size of the server's files to their current length
 * (RLIMIT_FSIZE), so that the next write to the append-only file fails; it needs no privilege and no mount.
 * The server ignores SIGXFSZ and thus gets an error, as from a full disk. `clockOff` uses a preloaded
 * library.
 */
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { preparePlace, RestartableRedis, startAt } from './restartable-redis.ts';

const run = promisify(execFile);

const MAX_FAULT_MS = 60_000;
/** A port that nothing listens on: nothing we may start binds below 1024. */
const DEAD_PORT = 1;
/** So many keys of so many bytes that loading them is a time in which clients are answered. */
const FILLERS = { keys: 400, bytes: 600 };

export type FaultyRedisOptions = {
  /** Full path of the server's program. */
  binary: string;
  /** Further arguments of the server. */
  args?: readonly string[];
  /** Its wall clock can be moved (`clockOff`), where there is a C compiler. */
  hasOwnClock?: boolean;
};

/** Starts one on a port of its own with its data in a temporary folder that `close` removes. */
export async function startFaultyRedis({
  binary,
  args = [],
  hasOwnClock = false,
}: FaultyRedisOptions): Promise<FaultyRedis> {
  const settings = [
    '--enable-debug-command',
    'yes',
    '--busy-reply-threshold',
    '100',
    '--aof-load-truncated',
    'yes',
  ];
  // The append-only file must only grow, or its old lengths would mean nothing. And with `everysec` a
  // write may wait for the flush before it: what was answered would not be in the file yet.
  settings.push(
    '--appendfsync',
    'no',
    '--auto-aof-rewrite-percentage',
    '0',
    '--loading-process-events-interval-bytes',
    '1024',
    ...args,
  );
  const place = preparePlace(binary, settings, hasOwnClock);
  return new FaultyRedis(await startAt(place), place);
}

/** See `startFaultyRedis`. */
export class FaultyRedis extends RestartableRedis {
  /** Restarted, and it answers -LOADING for about `ms` first. */
  loading(ms: number): Promise<void> {
    return this.inTurn(async () => {
      const fillers = Array.from({ length: FILLERS.keys }, (_, at) => `faulty-redis:filler:${at}`);
      try {
        await this.admin.mset(...fillers.flatMap((name) => [name, 'x'.repeat(FILLERS.bytes)]));
        await this.#rewrite();
        const delayMicros = Math.ceil((bounded(ms) * 1000) / (await this.admin.dbsize()));
        await this.killAndStart(['--key-load-delay', `${delayMicros}`]);
      } finally {
        await this.admin.del(...fillers);
      }
    });
  }

  get hasOwnClock(): boolean {
    return this.clock !== undefined;
  }

  /**
   * Its wall clock is `seconds` ahead for `ms` (below 0: behind), and right again afterwards; its monotonic
   * clock stays right.
   */
  clockOff(seconds: number, ms: number): Promise<void> {
    const { clock } = this;
    if (clock === undefined) throw new Error('no C compiler found, so the clock cannot be moved');
    return this.#during(
      ms,
      () => clock.set(seconds),
      () => clock.set(0),
    );
  }

  /** Every key is gone. */
  flushAll(): Promise<void> {
    return this.inTurn(async () => void (await this.admin.flushall()));
  }

  /** Every script and function is forgotten. */
  scriptFlush(): Promise<void> {
    return this.inTurn(async () => {
      await this.admin.script('FLUSH');
      await this.admin.function('FLUSH');
    });
  }

  /** It answers nobody for `ms` (DEBUG SLEEP). */
  slow(ms: number): Promise<void> {
    return this.inTurn(() =>
      this.onOwnConnection((own) => own.call('DEBUG', 'SLEEP', `${bounded(ms) / 1000}`)),
    );
  }

  /** A script of somebody else's runs for `ms`; after 100 ms of it everybody is answered with -BUSY. */
  busy(ms: number): Promise<void> {
    return this.inTurn(async () => {
      const ended = this.onOwnConnection((own) => own.eval('while true do end', 0)).catch(() => {});
      try {
        await wait(bounded(ms));
      } finally {
        await this.admin.script('KILL');
        await ended;
      }
    });
  }

  /** A replica of nobody for `ms`: writes are answered with -READONLY. */
  readOnly(ms: number): Promise<void> {
    return this.#during(
      ms,
      () => this.admin.replicaof('127.0.0.1', DEAD_PORT),
      () => this.admin.replicaof('NO', 'ONE'),
    );
  }

  /** Out of memory for `ms`: writes are answered with -OOM. */
  full(ms: number): Promise<void> {
    return this.#during(
      ms,
      () => this.admin.config('SET', 'maxmemory', '1'),
      () => this.admin.config('SET', 'maxmemory', '0'),
    );
  }

  /**
   * Its append-only file can't grow for `ms`: writes are answered with -MISCONF. Resolves when writes are
   * taken again.
   */
  diskFull(ms: number): Promise<void> {
    return this.inTurn(async () => {
      try {
        await run('prlimit', ['--pid', `${this.pid}`, `--fsize=${this.aof.growing().bytes}:`]);
        await wait(bounded(ms));
      } finally {
        await run('prlimit', ['--pid', `${this.pid}`, '--fsize=unlimited:']);
        // The server tries again once a second.
        await this.until('the append-only file is written again', async () =>
          (await this.admin.info('persistence')).includes('aof_last_write_status:ok'),
        );
      }
    });
  }

  /** Stopped by a signal for `ms`: connections stay and nothing is answered. */
  stop(ms: number): Promise<void> {
    return this.#during(
      ms,
      () => process.kill(this.pid, 'SIGSTOP'),
      () => process.kill(this.pid, 'SIGCONT'),
    );
  }

  #during(ms: number, hurt: () => unknown, heal: () => unknown): Promise<void> {
    return this.inTurn(async () => {
      try {
        await hurt();
        await wait(bounded(ms));
      } finally {
        await heal();
      }
    });
  }

  /**
   * Everything into one base file: loading that takes turns with clients, loading of the other file hardly
   * does.
   */
  async #rewrite(): Promise<void> {
    await this.admin.bgrewriteaof();
    await this.until('the append-only file is rewritten', async () => {
      const info = await this.admin.info('persistence');
      return info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0');
    });
  }
}

function bounded(ms: number): number {
  return Math.min(Math.max(0, ms), MAX_FAULT_MS);
}
