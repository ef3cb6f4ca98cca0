/**
 * Counts the book again and again while its keeper is active, and shows the figures. A large book is counted
 * less often, so that counting stays a small share of the time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { BookFigures } from '../ops/metrics/book-figures.ts';
import { type Budgets, type RoundFigures, surveyBook } from './survey.ts';

/** The pause between two surveys: at least this, and so many times what the last one took. */
const LEAST_MS = 5_000;
const TIMES = 30;

/** Where the figures go. */
export type Shown = { show(figures: BookFigures): void; hide(): void };

export type SurveyorParts = {
  ledger: Ledger;
  budgets: Budgets;
  shown: Shown;
  log: Pick<Logger, 'debug'>;
  /** The least pause, ms; default 5,000. */
  leastMs?: number;
};

export class Surveyor {
  readonly #parts: SurveyorParts;
  #round: RoundFigures = { driftMicros: 0, brokerMicros: 0 };
  #stopping: AbortController | undefined;

  constructor(parts: SurveyorParts) {
    this.#parts = parts;
  }

  /** After each round of the keeper, and when its term ends. */
  follow(isActive: boolean, round: RoundFigures): void {
    this.#round = round;
    if (!isActive) return this.close();
    if (this.#stopping !== undefined) return;
    this.#stopping = new AbortController();
    void this.#run(this.#stopping.signal);
  }

  /** Nothing is shown any more. */
  close(): void {
    this.#stopping?.abort();
    this.#stopping = undefined;
    this.#parts.shown.hide();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { ledger, budgets, shown, log, leastMs = LEAST_MS } = this.#parts;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        const figures = await surveyBook(ledger, budgets, this.#round);
        if (!signal.aborted) shown.show(figures);
      } catch (err) {
        log.debug({ err }, 'metrics: the book could not be counted, trying again');
        if (!signal.aborted) shown.hide();
      }
      const pauseMs = Math.max(leastMs, TIMES * (performance.now() - began));
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}
