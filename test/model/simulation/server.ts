/**
 * The Redis of one schedule: the real scripts on a separate account, in virtual time. It can be wiped, or
 * come back with an older copy.
 */
import { setClock } from '../../../src/ledger/commands/clock.ts';
import { keyPrefix } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { World } from './world.ts';

type Copy = readonly { name: string; ttl: number; dump: Buffer }[];

/** Sees each command after it was applied. */
export type Witness = (script: string, args: readonly (string | number)[], reply: unknown) => void;

export class Server {
  #name = 'server-1';
  readonly ledger: Ledger;
  readonly witnesses: Witness[] = [];
  readonly #world: World;
  readonly #replicationId: string;
  #clockMs = 0;

  private constructor(world: World, ledger: Ledger, replicationId: string) {
    this.#world = world;
    this.ledger = ledger;
    this.#replicationId = replicationId;
  }

  static async of(world: World, ledger: Ledger): Promise<Server> {
    return new Server(world, ledger, (await ledger.serverId()).split(':')[1] ?? '');
  }

  /**
   * A name of the schedule's own in the place of the run id; the scripts look at the replication id, which is
   * the real one.
   */
  get id(): string {
    return `${this.#name}:${this.#replicationId}`;
  }

  async run(script: string, args: readonly (string | number)[]): Promise<unknown> {
    const clock = this.#clockMs === this.#world.nowMs ? undefined : this.#setClock();
    const reply = await this.ledger.run(script, args);
    await clock;
    if (script === 'configure') await this.#setClock(); // the clock is kept in the account
    // Each server process orders a set differently; sorting makes a seed reproducible.
    if (Array.isArray(reply) && reply[0] === 'snapshot')
      (reply[7] as string[][]).sort((a, b) => (a.join() < b.join() ? -1 : 1));
    for (const witness of this.witnesses) witness(script, args, reply);
    return reply;
  }

  async wipe(): Promise<void> {
    const names = await this.#names();
    if (names.length > 0) await this.ledger.redis.del(...names);
    this.#clockMs = 0;
  }

  async copy(): Promise<Copy> {
    const { redis } = this.ledger;
    const names = (await this.#names()).sort();
    return await Promise.all(
      names.map(async (name) => {
        const [ttl, dump] = await Promise.all([redis.pttl(name), redis.dumpBuffer(name)]);
        return { name, ttl: Math.max(0, ttl), dump };
      }),
    );
  }

  /** A server of another id with this copy takes over. */
  async failOver(copy: Copy, name: string): Promise<void> {
    await this.wipe();
    await Promise.all(copy.map(({ name, ttl, dump }) => this.ledger.redis.restore(name, ttl, dump)));
    this.#name = name;
  }

  async #names(): Promise<string[]> {
    const found: string[] = [];
    let cursor = '0';
    do {
      const [next, page] = await this.ledger.redis.scan(
        cursor,
        'MATCH',
        `${keyPrefix(this.ledger.account)}*`,
        'COUNT',
        1_000,
      );
      found.push(...page);
      cursor = next;
    } while (cursor !== '0');
    return [...new Set(found)];
  }

  async #setClock(): Promise<void> {
    const { nowMs } = this.#world;
    this.#clockMs = nowMs;
    await setClock(this.ledger, { mode: 'manual', nowMs, healthMs: nowMs });
  }
}
