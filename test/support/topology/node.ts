/**
 * One Redis or Sentinel process of a topology. It keeps its loopback port and folder across restarts, and is
 * killed when this process ends, in whatever way.
 */
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startEmbedded } from '../../../src/redis/embedded.ts';
import { serverBinary } from '../../../src/redis/open.ts';

/** Below the ports that a system gives to outgoing connections; a Cluster's bus is 10,000 above. */
const PORTS = [12_000, 22_000] as const;
const START_ATTEMPTS = 20;
const ANSWER_LIMIT_MS = 5_000;
const silent = { info: () => {}, warn: () => {} };

export type NodeOptions = {
  /** The server's arguments each time that it is started. */
  args: readonly string[];
  /** The text of its configuration, which makes it a Sentinel. */
  sentinel?: string;
};

export class RedisNode {
  readonly port: number;
  /** A connection of the harness's own; comes back by itself. */
  readonly admin: Redis;
  readonly #root: string;
  readonly #program: string;
  readonly #args: readonly string[];
  #server: EmbeddedRedis;
  #runs = true;
  #frozen = false;

  private constructor(server: EmbeddedRedis, root: string, program: string, args: readonly string[]) {
    this.#server = server;
    this.#root = root;
    this.#program = program;
    this.#args = args;
    this.port = server.port;
    this.admin = new Redis(server.port, '127.0.0.1', {
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      commandTimeout: ANSWER_LIMIT_MS,
    });
    this.admin.on('error', () => {}); // told to who asks
  }

  /** Starts it at a port that is free. */
  static async start({ args, sentinel }: NodeOptions): Promise<RedisNode> {
    const { path } = await serverBinary(process.env, silent);
    const root = mkdtempSync(join(tmpdir(), 'worksteal-topology-'));
    const folder = join(root, 'data');
    const program = join(root, 'redis-server');
    const configuration = join(root, 'sentinel.conf');
    if (sentinel !== undefined) writeFileSync(configuration, sentinel);
    // A Sentinel does not log that it is ready; a query below finds out.
    const start =
      sentinel === undefined
        ? `exec '${path}'`
        : `echo 'Ready to accept connections'\nexec '${path}' '${configuration}' --sentinel`;
    writeFileSync(program, `#!/bin/sh\n${start} "$@"\n`);
    chmodSync(program, 0o755);
    mkdirSync(folder);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const server = await startEmbedded({
          binary: program,
          persistence: 'none',
          folder,
          port: randomInt(...PORTS),
          args,
        });
        const node = new RedisNode(server, root, program, args);
        await node.admin.ping();
        return node;
      } catch (error) {
        if (attempt < START_ATTEMPTS && String(error).includes('Address already in use')) continue;
        rmSync(root, { recursive: true, force: true });
        throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Neither dead nor stopped. */
  get alive(): boolean {
    return this.#runs && !this.#frozen;
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.#runs) return;
    this.#runs = false;
    this.#frozen = false;
    process.kill(this.pid, 'SIGKILL');
    // `ended` alone does not keep this process alive until then.
    await this.#server.close();
  }

  /** SIGSTOP: it answers nobody, and its connections stay as they are. */
  freeze(): void {
    if (!this.alive) return;
    this.#frozen = true;
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    process.kill(this.pid, 'SIGCONT');
  }

  /** Starts it again after `kill`, with nothing in memory, on the same port. */
  async again(more: readonly string[] = []): Promise<void> {
    if (this.#runs) return;
    const folder = join(this.#root, 'data');
    const args = [...this.#args, ...more];
    this.#server = await startEmbedded({
      binary: this.#program,
      persistence: 'none',
      folder,
      port: this.port,
      args,
    });
    this.#runs = true;
    // A replica may be loading its master's data by then, and answers that.
    await until(`the server at port ${this.port} answers`, async () => (await this.admin.ping()) === 'PONG');
  }

  /** A field of INFO; undefined where it has none. */
  async info(section: string, field: string): Promise<string | undefined> {
    return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(await this.admin.info(section))?.[1];
  }

  async close(): Promise<void> {
    this.admin.disconnect();
    await this.kill();
    await this.#server.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/**
 * Takes the replicas off their master's stream, so that they lack what `meanwhile` writes: they are stopped,
 * and their connections are closed at the master's end; what would else wait in the sockets is never sent.
 * Then `end` is done to the master, and they go on.
 */
export async function leaveBehind(
  master: RedisNode,
  replicas: readonly RedisNode[],
  meanwhile: () => Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<void> {
  const told = Number(await master.info('replication', 'master_repl_offset'));
  for (const replica of replicas) {
    const heard = async (): Promise<number> => Number(await replica.info('replication', 'slave_repl_offset'));
    await until('the replica has what was written before', async () => (await heard()) >= told);
    replica.freeze();
  }
  try {
    await master.admin.call('CLIENT', 'KILL', 'TYPE', 'replica');
    await meanwhile();
    await end();
  } finally {
    for (const replica of replicas) replica.thaw();
  }
}

/** Asks again and again until it is so. @throws Error after limitMs */
export async function until(what: string, so: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  let trouble = '';
  while (true) {
    try {
      if (await so()) return;
      trouble = '';
    } catch (error) {
      trouble = `: ${(error as Error).message}`;
    }
    if (performance.now() > deadlineMs) throw new Error(`not within ${limitMs} ms: ${what}${trouble}`);
    await wait(25);
  }
}
