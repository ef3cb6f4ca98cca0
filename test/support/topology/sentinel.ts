/** A master, two replicas and three Sentinels: real processes on loopback, with short timeouts. */
import { setTimeout as wait } from 'node:timers/promises';
import { leaveBehind, RedisNode, until } from './node.ts';

const NAME = 'main';
const DOWN_AFTER_MS = 800;
/** Where the Sentinels did not elect one of them, they try again after twice this. */
const FAILOVER_LIMIT_MS = 2_000;
/** How long the replicas are behind, where nobody says what is to be lost. */
const LAG_MS = 300;

export type SentinelOptions = {
  /** Further arguments of the three servers, such as `['--min-replicas-to-write', '1']`. */
  args?: readonly string[];
};

export type Failover = {
  /** What is done while the replicas are behind: it is lost. Default: nothing, for 300 ms. */
  meanwhile?: () => Promise<unknown>;
  /**
   * `stop`: the old master comes back by `heal`, and believes for a while that it is the master still.
   * Default `kill`.
   */
  how?: 'kill' | 'stop';
};

export class SentinelTopology {
  readonly url: string;
  readonly servers: readonly RedisNode[];
  readonly sentinels: readonly RedisNode[];

  private constructor(servers: readonly RedisNode[], sentinels: readonly RedisNode[]) {
    this.servers = servers;
    this.sentinels = sentinels;
    this.url = `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join()}/${NAME}`;
  }

  /** Resolves when the Sentinels know one another and both replicas follow. */
  static async start({ args = [] }: SentinelOptions = {}): Promise<SentinelTopology> {
    const started: RedisNode[] = [];
    const start = async (options: Parameters<typeof RedisNode.start>[0]): Promise<RedisNode> => {
      const node = await RedisNode.start(options);
      started.push(node);
      return node;
    };
    try {
      const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...args];
      const master = await start({ args: quick });
      const follow = [...quick, '--replicaof', '127.0.0.1', `${master.port}`];
      const replicas = await Promise.all([start({ args: follow }), start({ args: follow })]);
      const sentinel = [
        `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 2`,
        `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${NAME} ${FAILOVER_LIMIT_MS}`,
        `sentinel parallel-syncs ${NAME} 2`,
      ].join('\n');
      const sentinels = await Promise.all(
        [1, 2, 3].map(() => start({ args: [], sentinel: `${sentinel}\n` })),
      );
      const topology = new SentinelTopology([master, ...replicas], sentinels);
      await topology.#settled();
      return topology;
    } catch (error) {
      await Promise.all(started.map((node) => node.close()));
      throw error;
    }
  }

  /** The server that takes writes and that most of the Sentinels name. */
  async master(): Promise<RedisNode> {
    let found: RedisNode | undefined;
    await until('the Sentinels agree on a master', async () => {
      const told = await Promise.all(
        this.sentinels.filter(({ alive }) => alive).map((one) => this.#toldBy(one)),
      );
      const [port] = told;
      const node = this.servers.find((one) => one.alive && one.port === port);
      if (
        node === undefined ||
        told.some((other) => other !== port) ||
        (await node.info('replication', 'role')) !== 'master'
      )
        return false;
      found = node;
      return true;
    });
    return found as RedisNode;
  }

  /**
   * Takes the master away; resolves when the Sentinels have made another one the master.
   * @param lagging the replicas really lack the last writes
   */
  async failover(
    lagging: boolean,
    { meanwhile = () => wait(LAG_MS), how = 'kill' }: Failover = {},
  ): Promise<void> {
    const master = await this.master();
    const replicas = this.servers.filter((one) => one !== master && one.alive);
    const end = async (): Promise<void> => (how === 'kill' ? await master.kill() : master.freeze());
    if (lagging) await leaveBehind(master, replicas, meanwhile, end);
    else await end();
    await this.master();
  }

  /**
   * Whoever was stopped goes on, and believes what it believed then; it takes the Sentinels ten seconds to
   * tell an old master better.
   */
  resume(): void {
    for (const node of [...this.servers, ...this.sentinels]) node.thaw();
  }

  /** Everything that was killed or stopped is back, and follows the master. */
  async heal(): Promise<void> {
    const master = await this.master();
    this.resume();
    const follow = ['127.0.0.1', `${master.port}`] as const;
    for (const server of this.servers) {
      await server.again(['--replicaof', ...follow]);
      // The Sentinels do the same ten seconds later: its clients then look for the new master.
      if (server === master || (await server.info('replication', 'role')) !== 'master') continue;
      await server.admin.replicaof(...follow);
      await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    }
    await this.#settled();
  }

  async close(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((node) => node.close()));
  }

  /**
   * The master's port as this Sentinel has it; 0 where it believes that the master is down, or is making
   * another one.
   */
  async #toldBy(sentinel: RedisNode): Promise<number> {
    const answer = (await sentinel.admin.call('SENTINEL', 'MASTER', NAME)) as string[];
    const field = (name: string): string | undefined => answer[answer.indexOf(name) + 1];
    return field('flags') === 'master' ? Number(field('port')) : 0;
  }

  async #settled(): Promise<void> {
    await until('every replica follows, and each Sentinel knows the others and the replicas', async () => {
      const master = await this.master();
      if ((await master.info('replication', 'connected_slaves')) !== '2') return false;
      for (const server of this.servers) {
        if (server !== master && (await server.info('replication', 'master_link_status')) !== 'up')
          return false;
      }
      for (const sentinel of this.sentinels) {
        const state = (await sentinel.info('sentinel', 'master0')) ?? '';
        if (!/status=ok,.*slaves=2,sentinels=3$/.test(state)) return false;
      }
      return true;
    });
  }
}
