/**
 * Plans whose turn it is and that did not come: their host hangs, or the event was lost. Each host watches
 * the turns of all hosts. The first that notices tells the ledger, which passes them over and names the next
 * (lua/include/turns.lua). The others hear of that, and do nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LedgerEvent } from '../ledger/events.ts';
import { listOf } from '../ledger/reply.ts';

export type OverdueTurnsOptions = {
  passOver: () => Promise<unknown>;
  log: Pick<Logger, 'warn'>;
  random: () => number;
  signal: AbortSignal;
};

/** The plan came, or it ended. */
const CAME = new Set(['reserved', 'stolen', 'plan_withdrawn', 'plan_expired', 'plan_done']);
/** The hosts are spread over so many ms. */
const SPREAD_MS = 40;

export class OverdueTurns {
  readonly #options: OverdueTurnsOptions;
  /** Plans whose turn it is, each with the latest. */
  readonly #open = new Map<string, symbol>();

  constructor(options: OverdueTurnsOptions) {
    this.#options = options;
  }

  note({ type, fields }: LedgerEvent): void {
    if (type === 'turn') this.#watch(listOf(fields, 'plans'), Number(fields['lasts_ms'] ?? 0));
    else if (type === 'passed_over') for (const plan of listOf(fields, 'plans')) this.#open.delete(plan);
    else if (CAME.has(type)) this.#open.delete(fields['plan'] ?? '');
  }

  #watch(plans: readonly string[], lastsMs: number): void {
    const turn = Symbol('turn');
    for (const plan of plans) this.#open.set(plan, turn);
    const { passOver, log, random, signal } = this.#options;
    sleep(lastsMs + 2 + SPREAD_MS * random(), undefined, { signal })
      .then(async () => {
        const late = plans.filter((plan) => this.#open.get(plan) === turn && this.#open.delete(plan));
        if (late.length > 0) await passOver();
      })
      .catch((error: unknown) => {
        if (!signal.aborted)
          log.warn({ err: error }, 'watcher: plans that did not come were not passed over');
      });
  }
}
