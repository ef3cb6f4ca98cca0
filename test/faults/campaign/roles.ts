/**
 * The roles of a campaign as real processes, each behind its own proxies to Redis and to the broker; those
 * that bots call (doors) have one towards the bots, too. A role that ends is restarted at once, as a
 * supervisor would; one that ended by itself counts as a crash.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHILD_ENV } from '../../support/child-env.ts';
import { keptPort } from '../../support/free-port.ts';
import { PROGRAM } from '../../support/program.ts';
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const GRACE_MS = 8_000;
const RESTART_MS = 100;

/** A door, and the setting of its port. */
const DOORS = { serve: 'WORKSTEAL_API_PORT', gateway: 'WORKSTEAL_GATEWAY_PORT' } as const;

export type DoorName = keyof typeof DOORS;
export type RoleName = 'watch' | 'work' | 'keep' | DoorName;
export type Address = { host: string; port: number };
export type RoleSurroundings = {
  env: Readonly<Record<string, string>>;
  /** Where its proxy to Redis leads; undefined: it goes by REDIS_URL in `env`, without a proxy. */
  redis: Address | undefined;
  broker: Address;
  folder: string;
};

export class Role {
  readonly name: RoleName;
  readonly host: string;
  readonly logFile: string;
  readonly redis: TcpProxy | undefined;
  readonly broker: TcpProxy;
  /** Of a door: where bots call it. */
  readonly front: TcpProxy | undefined;
  crashes = 0;
  readonly #surroundings: RoleSurroundings;
  /** Of a door: its own port as a setting. */
  readonly #port: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  /** Of the process that runs now: somebody ended it on purpose, or told it to end itself. */
  #end = { isExpected: false };
  #isOver = false;
  #ended: Promise<void> = Promise.resolve();
  /**
   * One replacement at a time: two at once would leave a process that nobody knows of, under the same name.
   */
  #replacing: Promise<void> = Promise.resolve();

  private constructor(
    name: RoleName,
    host: string,
    surroundings: RoleSurroundings,
    proxies: { redis: TcpProxy | undefined; broker: TcpProxy; front: TcpProxy | undefined },
    port: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.host = host;
    this.#surroundings = surroundings;
    this.#port = port;
    this.redis = proxies.redis;
    this.broker = proxies.broker;
    this.front = proxies.front;
    this.logFile = join(surroundings.folder, `${host}.log`);
  }

  static async start(name: RoleName, host: string, surroundings: RoleSurroundings): Promise<Role> {
    const port = isDoor(name) ? await keptPort() : undefined;
    const [redis, broker, front] = await Promise.all([
      surroundings.redis && startProxy(surroundings.redis),
      startProxy(surroundings.broker),
      port === undefined ? undefined : startProxy({ host: '127.0.0.1', port }),
    ]);
    const setting = isDoor(name) ? { [DOORS[name]]: String(port) } : {};
    const role = new Role(name, host, surroundings, { redis, broker, front }, setting);
    role.#launch({});
    return role;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** SIGKILL; another takes its place. */
  kill(): void {
    this.#end.isExpected = true;
    this.#child?.kill('SIGKILL');
  }

  stop(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it; the next one kills itself, or stops, after the nth time of that step. */
  async replace(fault: { WORKSTEAL_DIE_AFTER: string } | { WORKSTEAL_HANG_AFTER: string }): Promise<void> {
    this.#replacing = this.#replacing.then(async () => {
      this.#isOver = true;
      this.kill();
      await this.#ended;
      this.#isOver = false;
      this.#launch(fault);
      this.#end.isExpected = true;
    });
    await this.#replacing;
  }

  /** SIGTERM, then SIGKILL. It does not come back. */
  async end(): Promise<void> {
    await this.#replacing;
    this.#isOver = true;
    this.#end.isExpected = true;
    this.goOn();
    this.#child?.kill('SIGTERM');
    const force = setTimeout(() => this.#child?.kill('SIGKILL'), GRACE_MS);
    await this.#ended;
    clearTimeout(force);
  }

  async close(): Promise<void> {
    await this.end();
    await Promise.all([this.redis?.close(), this.broker.close(), this.front?.close()]);
  }

  #launch(fault: Readonly<Record<string, string>>): void {
    const { env } = this.#surroundings;
    const log = openSync(this.logFile, 'a');
    const brokerUrl = this.broker.url('http');
    const redis = this.redis && { REDIS_URL: this.redis.url('redis') };
    const addresses = { APCA_API_BASE_URL: brokerUrl, APCA_API_DATA_URL: brokerUrl, ...redis };
    const child = spawn(process.execPath, [PROGRAM, this.name], {
      env: { ...CHILD_ENV, ...env, ...addresses, ...this.#port, WORKSTEAL_HOST: this.host, ...fault },
      // With a channel: it ends when the campaign is gone.
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const end = { isExpected: false };
    this.#child = child;
    this.#end = end;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    child.once('exit', () => {
      resolve();
      if (!end.isExpected && !this.#wasRefusedAtStart()) this.crashes += 1;
      if (!this.#isOver)
        setTimeout(() => this.#isOver || this.#child !== child || this.#launch({}), RESTART_MS);
    });
  }

  /** While Redis is away a role does not start: it says so and ends, and its supervisor tries again. */
  #wasRefusedAtStart(): boolean {
    return /worksteal:[^{]*does not answer[^{]*$/.test(readFileSync(this.logFile, 'utf8').slice(-1_000));
  }
}

function isDoor(name: RoleName): name is DoorName {
  return name in DOORS;
}
