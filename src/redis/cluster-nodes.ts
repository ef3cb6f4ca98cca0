/**
 * The nodes of a Redis Cluster as far as one connection knows them: those of its address, and those that they
 * named. Asked anew for each connect, because masters change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { type Access, accessOptions, type Node, textOf } from './address.ts';

/** A node that does not answer does not hold up the others: the next is asked after so long. */
const NEXT_MS = 100;
const NODE_LIMIT_MS = 1_000;
const ASKED_AT_MOST = 16;
const KNOWN_AT_MOST = 64;

/** `[host, port, …]`: no host, or an empty one, is the one that was asked; `?` is unknown to it. */
const Told = z.tuple(
  [z.union([z.string(), z.null()]), z.coerce.number().int().min(1).max(65_535)],
  z.unknown(),
);
/** An entry of CLUSTER SLOTS: first and last slot, the master, its replicas. */
const Range = z.tuple([z.coerce.number().int(), z.coerce.number().int(), Told], Told);
const Slots = z.array(Range).max(16_384);

export class ClusterNodes {
  readonly #seeds: readonly Node[];
  readonly #access: Access;
  #learnt: Node[] = [];
  #turn = 0;

  /** @param access user, password and TLS, as of any connection to them */
  constructor(seeds: readonly Node[], access: Access) {
    this.#seeds = seeds;
    this.#access = access;
  }

  /**
   * Who is master of the slot, by the first node that answers; each time another one is asked first, for one
   * may be cut off with the others' past. Bounded: 16 nodes, at most a second each, a tenth of a second
   * apart.
   * @throws Error when none knows
   */
  async masterOf(slot: number, signal: AbortSignal): Promise<Node> {
    const nodes = this.#inTurn();
    const over = new AbortController();
    const bound = AbortSignal.any([signal, over.signal]);
    try {
      return await Promise.any(
        nodes.map(async (node, at) => {
          await sleep(at * NEXT_MS, undefined, { signal: bound });
          return await this.#ask(node, slot, bound);
        }),
      );
    } catch (error) {
      const reasons = error instanceof AggregateError ? error.errors : [error];
      const why = [...new Set(reasons.map(({ message }: Error) => message))].slice(0, 3).join('; ');
      throw new Error(`no node of the Cluster tells who holds slot ${slot}: ${why}`, { cause: error });
    } finally {
      over.abort();
    }
  }

  #inTurn(): Node[] {
    const all = [...new Map([...this.#learnt, ...this.#seeds].map((node) => [textOf(node), node])).values()];
    const from = this.#turn++ % all.length;
    return [...all.slice(from), ...all.slice(0, from)].slice(0, ASKED_AT_MOST);
  }

  async #ask(node: Node, slot: number, signal: AbortSignal): Promise<Node> {
    const limits = {
      connectTimeout: NODE_LIMIT_MS,
      commandTimeout: NODE_LIMIT_MS,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
    };
    const redis = new Redis({
      ...node,
      ...accessOptions(this.#access),
      ...limits,
      enableReadyCheck: false,
      lazyConnect: true,
    });
    // The reason of a failed connection comes here; the command's own error only says that it was closed.
    let reason: Error | undefined;
    redis.on('error', (error: Error) => {
      reason = error;
    });
    const stop = (): void => redis.disconnect();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const ranges = Slots.parse(await redis.cluster('SLOTS'));
      this.#learn(ranges, node);
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      const master = range === undefined ? undefined : nodeOf(range[2], node);
      if (master === undefined) throw new Error(`to ${textOf(node)} the slot is nobody's`);
      return master;
    } catch (error) {
      throw new Error(`${textOf(node)}: ${(reason ?? (error as Error)).message}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
      redis.disconnect();
    }
  }

  #learn(ranges: z.infer<typeof Slots>, asked: Node): void {
    const told = ranges.flatMap(([, , ...nodes]) => nodes.map((one) => nodeOf(one, asked)));
    this.#learnt = told.filter((node) => node !== undefined).slice(0, KNOWN_AT_MOST);
  }
}

function nodeOf([host, port]: z.infer<typeof Told>, asked: Node): Node | undefined {
  if (host === '?') return undefined;
  return { host: host === null || host === '' ? asked.host : host, port };
}
