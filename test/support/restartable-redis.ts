/**
 * A Redis with an append-only file that keeps its folder and port across restarts. It can be killed, lose the
 * end of its file, and restart. Operations run one after the other.
 */
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startEmbedded } from '../../src/redis/embedded.ts';
import { AppendOnlyFile } from './append-only-file.ts';
import { type MovedClock, movedClock } from './moved-clock.ts';

const ANSWER_LIMIT_MS = 30_000;
/**
 * Below the ports that a system gives to outgoing connections, for while the server is down nobody else may
 * come to have its port: not another program, and not a client of it, whose attempt to connect from that very
 * port would find itself.
 */
const PORTS = [12_000, 30_000] as const;
const START_ATTEMPTS = 20;

export type Place = {
  root: string;
  folder: string;
  /** Undefined: its server's is the machine's. */
  clock: MovedClock | undefined;
  start: (port: number, more: readonly string[]) => Promise<EmbeddedRedis>;
};

/** A folder of its own under the temporary one, and how its server is started in it. */
export function preparePlace(binary: string, args: readonly string[], hasOwnClock = false): Place {
  const root = mkdtempSync(join(tmpdir(), 'worksteal-faulty-redis-'));
  const folder = join(root, 'data');
  const program = join(root, 'redis-server');
  const clock = hasOwnClock ? movedClock(root) : undefined;
  const env = Object.entries(clock?.env ?? {}).map(([name, value]) => `${name}='${value}' `);
  // A file that may not grow is to be an error, as on a full disk, and not a signal; one that is ignored
  // stays ignored across exec.
  writeFileSync(program, `#!/bin/sh\ntrap '' XFSZ\n${env.join('')}exec '${binary}' "$@"\n`);
  chmodSync(program, 0o755);
  mkdirSync(folder);
  const start: Place['start'] = (port, more) =>
    startEmbedded({ binary: program, persistence: 'everysec', folder, port, args: [...args, ...more] });
  return { root, folder, clock, start };
}

/** Starts it on a port that is free; the folder is removed where that fails. */
export async function startAt({ root, start }: Place): Promise<EmbeddedRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(randomInt(...PORTS), []);
    } catch (error) {
      if (attempt < START_ATTEMPTS && String(error).includes('Address already in use')) continue;
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }
}

export class RestartableRedis {
  readonly port: number;
  readonly url: string;
  /** Its data. */
  readonly folder: string;
  /** A connection of the harness's own, which comes back by itself after a restart. */
  readonly admin: Redis;
  protected readonly aof: AppendOnlyFile;
  readonly #place: Place;
  #server: EmbeddedRedis;
  #runs = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(server: EmbeddedRedis, place: Place) {
    this.#server = server;
    this.#place = place;
    this.port = server.port;
    this.url = server.url;
    this.folder = place.folder;
    this.admin = this.connect(ANSWER_LIMIT_MS);
    this.aof = new AppendOnlyFile(place.folder);
  }

  protected get clock(): MovedClock | undefined {
    return this.#place.clock;
  }

  /** Of the server that runs now. */
  get pid(): number {
    return this.#server.pid;
  }

  /** Kills it and starts it again on the same port and data. Resolves when it takes commands. */
  restart(): Promise<void> {
    return this.inTurn(() => this.killAndStart());
  }

  /**
   * Everything that was answered by now is in its file.
   * @returns when (performance.now): a loss back to then ends exactly here
   */
  moment(): number {
    return this.aof.note();
  }

  /**
   * The same, as if what it wrote in the last `ms` had never reached the disk.
   * @returns how many bytes of its file were lost
   */
  restartLosing(ms: number): Promise<number> {
    return this.inTurn(async () => {
      const timeMs = performance.now() - ms;
      let lost = 0;
      await this.killAndStart([], () => {
        lost = this.aof.cutBackTo(timeMs);
      });
      return lost;
    });
  }

  async close(): Promise<void> {
    this.aof.close();
    await this.#turn;
    this.admin.disconnect();
    await this.#server.close();
    rmSync(this.#place.root, { recursive: true, force: true });
  }

  /** One after the other; a failed one stops nobody. */
  protected inTurn<T>(fault: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(fault);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  protected async killAndStart(
    more: readonly string[] = [],
    whileDown: () => void = () => {},
  ): Promise<void> {
    // Once it has ended, its pid may belong to another process.
    if (this.#runs) process.kill(this.pid, 'SIGKILL');
    await this.#server.ended;
    this.#runs = false;
    whileDown();
    this.#server = await this.#place.start(this.port, more);
    this.#runs = true;
    await this.admin.ping();
  }

  protected connect(commandTimeout?: number): Redis {
    // Without the check for readiness, which waits as long as a loading server thinks that it needs.
    const redis = new Redis(this.port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      ...(commandTimeout === undefined ? {} : { commandTimeout }),
    });
    redis.on('error', () => {}); // told to who asks
    return redis;
  }

  protected async onOwnConnection(ask: (own: Redis) => Promise<unknown>): Promise<void> {
    const own = this.connect();
    try {
      await ask(own);
    } finally {
      own.disconnect();
    }
  }

  protected async until(what: string, so: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + ANSWER_LIMIT_MS;
    while (!(await so())) {
      if (performance.now() > deadlineMs) throw new Error(`not within ${ANSWER_LIMIT_MS} ms: ${what}`);
      await wait(20);
    }
  }
}
