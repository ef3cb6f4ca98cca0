/** What the judge of a paper exchange counts, of all its accounts together. */
import type { Gauge } from 'prom-client';
import type { Instruments } from './instruments.ts';

export type JudgeFigures = { violationCount: number; doubleOrders: number; exposureMicros: number };

export class JudgeMetrics {
  readonly #gauges: Readonly<Record<'violations' | 'doubles' | 'exposure', Gauge>>;

  constructor(instruments: Instruments) {
    this.#gauges = {
      violations: instruments.gauge(
        'exchange_cap_violations',
        'How often an order or a fill was accepted beyond a cap, since the start of the exchange',
      ),
      doubles: instruments.gauge(
        'exchange_double_orders',
        'Accepted orders whose client order id belonged to another live order, since the start',
      ),
      exposure: instruments.gauge('exchange_exposure_dollars', 'Positions at cost and live orders, now'),
    };
  }

  show(accounts: readonly JudgeFigures[]): void {
    const sum = (of: (figures: JudgeFigures) => number): number =>
      accounts.reduce((total, figures) => total + of(figures), 0);
    this.#gauges.violations.set(sum(({ violationCount }) => violationCount));
    this.#gauges.doubles.set(sum(({ doubleOrders }) => doubleOrders));
    this.#gauges.exposure.set(sum(({ exposureMicros }) => exposureMicros) / 1_000_000);
  }
}
