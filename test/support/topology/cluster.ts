/**
 * A Cluster of three masters, optionally with a replica each: real processes on loopback, with short
 * timeouts.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { SLOTS, slotOf } from '../../../src/redis/slot.ts';
import { leaveBehind, RedisNode, until } from './node.ts';

const MASTERS = 3;
const NODE_TIMEOUT_MS = 1_000;
const LAG_MS = 300;

export type ClusterOptions = {
  /** Of each master: 0 or 1; default 0. */
  replicas?: 0 | 1;
  /** Further arguments of the servers. */
  args?: readonly string[];
};

export class ClusterTopology {
  readonly url: string;
  readonly nodes: readonly RedisNode[];

  private constructor(nodes: readonly RedisNode[]) {
    this.nodes = nodes;
    this.url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join()}`;
  }

  /** Resolves when all nodes agree, and every replica follows. */
  static async start({ replicas = 0, args = [] }: ClusterOptions = {}): Promise<ClusterTopology> {
    // By default one master's death would close the others.
    const settings = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      `${NODE_TIMEOUT_MS}`,
      '--cluster-require-full-coverage',
      'no',
    ];
    const lag = [
      '--cluster-replica-validity-factor',
      '0',
      '--repl-diskless-sync-delay',
      '0',
      '--repl-ping-replica-period',
      '1',
    ];
    const count = MASTERS * (1 + replicas);
    const starting = Array.from({ length: count }, () =>
      RedisNode.start({ args: [...settings, ...lag, ...args] }),
    );
    const started = await Promise.allSettled(starting);
    const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      await Promise.all(starting);
      const topology = new ClusterTopology(nodes);
      await topology.#form();
      return topology;
    } catch (error) {
      await Promise.all(nodes.map((node) => node.close()));
      throw error;
    }
  }

  /** New names of accounts, the first of them on different masters, as long as there are. */
  accountsSpread(count: number, label = 'spread'): string[] {
    const names: string[] = [];
    while (names.length < count) {
      const name = `${label}-${randomUUID().slice(0, 8)}`;
      // Its third of the slots, as assigned at the start.
      if (Math.floor((slotOf(name) * MASTERS) / SLOTS) === names.length % MASTERS) names.push(name);
    }
    return names;
  }

  /** The living node that holds the account's slot, by what the nodes themselves say. */
  async masterOf(account: string): Promise<RedisNode> {
    let found: RedisNode | undefined;
    await until(`somebody holds the slot of ${account}`, async () => {
      const told = await Promise.all(
        this.nodes.filter(({ alive }) => alive).map((node) => holder(node, slotOf(account))),
      );
      const node = this.nodes.find((one) => one.alive && one.port === told[0]);
      if (
        node === undefined ||
        told.some((port) => port !== told[0]) ||
        (await node.info('replication', 'role')) !== 'master'
      )
        return false;
      found = node;
      return true;
    });
    return found as RedisNode;
  }

  /**
   * Takes away the master of the account. With a replica: resolves when that has taken its place.
   * @param lagging the replica really lacks the last writes
   * @param meanwhile what is done while it is behind: it is lost. Default: nothing, for 300 ms
   */
  async kill(
    account: string,
    lagging = false,
    meanwhile: () => Promise<unknown> = () => wait(LAG_MS),
  ): Promise<void> {
    const master = await this.masterOf(account);
    const replicas: RedisNode[] = [];
    for (const node of this.nodes) {
      if (node.alive && (await node.info('replication', 'master_port')) === `${master.port}`)
        replicas.push(node);
    }
    if (lagging) await leaveBehind(master, replicas, meanwhile, () => master.kill());
    else await master.kill();
    if (replicas.length > 0) await this.masterOf(account);
  }

  /**
   * A replica takes its master's place in order, and the master follows it: nothing is lost, and both live.
   */
  async handOver(account: string): Promise<void> {
    const master = await this.masterOf(account);
    for (const node of this.nodes) {
      if (!node.alive || (await node.info('replication', 'master_port')) !== `${master.port}`) continue;
      // The other masters vote for a replica of the same one only after twice the node timeout.
      let askedAtMs = 0;
      await until('the replica has taken over', async () => {
        if ((await this.masterOf(account)) === node) return true;
        if (performance.now() - askedAtMs < 2 * NODE_TIMEOUT_MS) return false;
        askedAtMs = performance.now();
        await node.admin.cluster('FAILOVER');
        return false;
      });
      return;
    }
    throw new Error(`the master of ${account} has no replica`);
  }

  /**
   * Whoever was killed is back, empty, and follows the one in its place; or has its slots again, where there
   * is none.
   */
  async heal(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.again()));
    await this.#agreed();
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  async #form(): Promise<void> {
    const masters = this.nodes.slice(0, MASTERS);
    await Promise.all(this.nodes.map(({ admin }, at) => admin.cluster('SET-CONFIG-EPOCH', at + 1)));
    await Promise.all(
      masters.map(({ admin }, at) => {
        const from = Math.ceil((SLOTS * at) / MASTERS);
        const to = Math.ceil((SLOTS * (at + 1)) / MASTERS) - 1;
        return admin.cluster('ADDSLOTSRANGE', from, to);
      }),
    );
    const [first] = masters as [RedisNode];
    for (const { port } of this.nodes.slice(1)) await first.admin.cluster('MEET', '127.0.0.1', port);
    await this.#agreed();
    for (const [at, replica] of this.nodes.slice(MASTERS).entries()) {
      const id = (await masters[at]?.admin.cluster('MYID')) as string;
      await until('the replica knows its master', async () => {
        await replica.admin.cluster('REPLICATE', id);
        return true;
      });
    }
    await this.#agreed();
  }

  /** All nodes know all nodes and call the Cluster sound, and every replica is up to date. */
  async #agreed(): Promise<void> {
    await until('the nodes agree', async () => {
      for (const node of this.nodes) {
        const info = String(await node.admin.cluster('INFO'));
        if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${this.nodes.length}`))
          return false;
        if (((await node.info('replication', 'master_link_status')) ?? 'up') !== 'up') return false;
      }
      return true;
    });
  }
}

/** The port of the slot's master, as the node believes; 0 where it knows of none. */
async function holder(node: RedisNode, slot: number): Promise<number> {
  const ranges = (await node.admin.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1] ?? 0;
}
