/**
 * The nodes of a Redis Cluster that one connection knows: those of its address, and those that CLUSTER SLOTS
 * listed. Every connect asks again, because masters change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { type Access, accessOptions, type Node, textOf } from './address.ts';

/** Each next node is asked this much later, whether or not the one before has answered. */
const STAGGER_MS = 100;
const NODE_LIMIT_MS = 1_000;
const MAX_ASKED = 16;
const MAX_KNOWN = 64;

/** `[host, port, …]`. A null or empty host is the node that was asked; `?` means unknown. */
const SlotNode = z.tuple(
  [z.union([z.string(), z.null()]), z.coerce.number().int().min(1).max(65_535)],
  z.unknown(),
);
/** An entry of CLUSTER SLOTS: first and last slot, the master, its replicas. */
const Range = z.tuple([z.coerce.number().int(), z.coerce.number().int(), SlotNode], SlotNode);
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
   * The master of the slot, by the first node that answers. Each call begins with a different node: one that
   * was cut off may still have an old view. Asks at most 16 nodes, 0.1 s apart, for at most 1 s each.
   * @throws Error when no node knows it
   */
  async masterOf(slot: number, signal: AbortSignal): Promise<Node> {
    const nodes = this.#inTurn();
    const over = new AbortController();
    const bound = AbortSignal.any([signal, over.signal]);
    try {
      return await Promise.any(
        nodes.map(async (node, at) => {
          await sleep(at * STAGGER_MS, undefined, { signal: bound });
          return await this.#ask(node, slot, bound);
        }),
      );
    } catch (error) {
      const reasons = error instanceof AggregateError ? error.errors : [error];
      const why = [...new Set(reasons.map(({ message }: Error) => message))].slice(0, 3).join('; ');
      throw new Error(`no node of the Cluster knows the master of slot ${slot}: ${why}`, { cause: error });
    } finally {
      over.abort();
    }
  }

  #inTurn(): Node[] {
    const all = [...new Map([...this.#learnt, ...this.#seeds].map((node) => [textOf(node), node])).values()];
    const from = this.#turn++ % all.length;
    return [...all.slice(from), ...all.slice(0, from)].slice(0, MAX_ASKED);
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
    // The reason of a failed connection arrives here; the command's own error only says "closed".
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
      if (master === undefined) throw new Error('it lists no master for the slot');
      return master;
    } catch (error) {
      throw new Error(`${textOf(node)}: ${(reason ?? (error as Error)).message}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
      redis.disconnect();
    }
  }

  #learn(ranges: z.infer<typeof Slots>, asked: Node): void {
    const listed = ranges.flatMap(([, , ...nodes]) => nodes.map((one) => nodeOf(one, asked)));
    this.#learnt = listed.filter((node) => node !== undefined).slice(0, MAX_KNOWN);
  }
}

function nodeOf([host, port]: z.infer<typeof SlotNode>, asked: Node): Node | undefined {
  if (host === '?') return undefined;
  return { host: host === null || host === '' ? asked.host : host, port };
}
