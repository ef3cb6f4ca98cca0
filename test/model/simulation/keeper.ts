/**
 * The keeper: the product's own reconciliation, sweep and handling of trade updates, which wait during a
 * rebuild.
 */
import type { Logger } from 'pino';
import type { Broker, BrokerOrder } from '../../../src/broker/port.ts';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { applyOrder } from '../../../src/keeper/apply-order.ts';
import { Reconciler } from '../../../src/keeper/reconcile.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Settings } from '../../../src/rules/settings.ts';
import { unlessUnanswered } from './watcher.ts';
import type { Life, World } from './world.ts';

/** Two sightings of any distance count: the broker of the simulation has no lag. */
const TRUST = { apartMs: 0, raiseMs: 0, jump: '0' };

export const SYNC_MS = 3_000;
export const SYNC_MAX_AGE_MS = 120_000;
const PAUSE_MS = 1_000;

export type KeeperParts = {
  world: World;
  life: Life;
  ledger: Ledger;
  broker: Broker;
  rules: Settings;
  inFlightMs: number;
  log: Logger;
};

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #inbox: BrokerOrder[] = [];
  #busy: Promise<void> | undefined;
  #paused = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { world, life, ledger, broker, rules, inFlightMs, log } = this.#parts;
    const times = {
      inFlightMs,
      syncMs: SYNC_MS,
      syncMaxAgeMs: SYNC_MAX_AGE_MS,
      monotonicMs: () => world.nowMs,
    };
    const reconciler = new Reconciler({
      ledger,
      broker,
      rules,
      ...times,
      log,
      step: () => {},
      trust: TRUST,
      onLost: async () => {},
    });
    reconciler.begin();
    const gate = {
      pause: async (): Promise<void> => {
        this.#paused = true;
        await this.#busy;
      },
      resume: (): void => {
        this.#paused = false;
        this.#pump();
      },
    };
    while (life.alive) {
      await unlessUnanswered(() => sweep(ledger, 100));
      const round = await reconciler.round(gate, new AbortController().signal).catch(failed);
      if (round?.rebuilt) world.count('rebuilt');
      if ((round?.adopted ?? 0) > 0) world.count('adopted');
      await world.sleep(life, round && !round.again ? SYNC_MS : PAUSE_MS);
    }
  }

  take(update: BrokerOrder): void {
    this.#inbox.push(update);
    this.#pump();
  }

  #pump(): void {
    if (this.#paused || this.#busy !== undefined || this.#inbox.length === 0) return;
    const { world, ledger } = this.#parts;
    const update = this.#inbox.shift() as BrokerOrder;
    this.#busy = unlessUnanswered(() => applyOrder(ledger, update)).then(
      (applied) => {
        if (applied !== undefined) world.count(`update: ${applied}`);
        this.#busy = undefined;
        this.#pump();
      },
      (error: Error) => world.violate(`a trade update: ${error.stack}`),
    );
  }
}

/**
 * A round that failed changes nothing that the next one does not make good; `bug` and `invalid` are faults.
 */
function failed(error: unknown): undefined {
  if (!(error instanceof WorkstealError) || error.code === 'bug' || error.code === 'invalid') throw error;
}
