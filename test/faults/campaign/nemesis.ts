/** Carries out a schedule of faults, records when each ended, and heals everything at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Kind } from './kinds.ts';
import type { Fault } from './schedule.ts';
import { brokerStrikes } from './strikes/broker.ts';
import { byHandStrikes } from './strikes/by-hand.ts';
import { doorStrikes } from './strikes/doors.ts';
import { fleetStrikes } from './strikes/fleet.ts';
import { ledgerStrikes } from './strikes/ledger.ts';
import { mutexStrikes } from './strikes/mutex.ts';
import { networkStrikes } from './strikes/network.ts';
import { planStrikes } from './strikes/plans.ts';
import { processStrikes } from './strikes/process.ts';
import { queueStrikes } from './strikes/queue.ts';
import { pick, type Strike } from './strikes/strike.ts';

const STRIKES: Readonly<Record<string, Strike>> = {
  ...processStrikes(({ roles }) => roles),
  ...networkStrikes(({ roles }) => roles),
  ...doorStrikes,
  ...brokerStrikes,
  ...byHandStrikes,
  ...queueStrikes,
  ...mutexStrikes,
  ...ledgerStrikes,
  ...planStrikes,
  ...fleetStrikes,
};

/** A fault that struck: from when to when, ms of the host's clock. */
export type Struck = { kind: Kind; fromMs: number; untilMs: number };

export class Nemesis {
  readonly struck: Struck[] = [];
  /** Strikes that had nothing to hurt, with why: the broker was slow, Redis was away. */
  readonly missed: string[] = [];
  readonly #arenas: readonly Arena[];
  readonly #strikes: Readonly<Record<string, Strike>>;
  readonly #say: (line: string) => void;
  /** Redis is hurt in one way at a time. */
  #redis: Promise<unknown> = Promise.resolve();

  /** @param redisStrikes what can be done to the Redis of all of them */
  constructor(
    arenas: readonly Arena[],
    redisStrikes: Readonly<Record<string, Strike>>,
    say: (line: string) => void,
  ) {
    this.#arenas = arenas;
    this.#strikes = { ...STRIKES, ...redisStrikes };
    this.#say = say;
  }

  /**
   * Resolves when all faults have struck and are over, or when the signal aborts and what was hurt is healed.
   */
  async run(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const striking: Promise<void>[] = [];
    for (const fault of faults) {
      await sleep(Math.max(0, startedMs + fault.atMs - performance.now()), undefined, { signal }).catch(
        () => {},
      );
      if (signal.aborted) break;
      striking.push(this.#strike(fault, signal));
    }
    await Promise.all(striking);
  }

  async #strike(fault: Fault, signal: AbortSignal): Promise<void> {
    if (fault.kind.group !== 'redis') return await this.#once(fault, signal);
    const turn = this.#redis.then(() => this.#once(fault, signal));
    this.#redis = turn;
    await turn;
  }

  async #once({ kind, lastsMs, chance }: Fault, signal: AbortSignal): Promise<void> {
    const strike = this.#strikes[kind.name];
    if (strike === undefined) throw new Error(`nobody knows how to ${kind.name}`);
    const fromMs = Date.now();
    this.#say(`${kind.name}${lastsMs > 0 ? ` for ${lastsMs} ms` : ''}`);
    try {
      const heal = await strike(pick(this.#arenas, chance), chance, lastsMs);
      if (lastsMs > 0 && kind.group !== 'redis') await sleep(lastsMs, undefined, { signal }).catch(() => {});
      await heal();
      this.struck.push({ kind, fromMs, untilMs: Date.now() });
    } catch (error) {
      this.missed.push(`${kind.name}: ${(error as Error).message}`);
    }
  }
}
