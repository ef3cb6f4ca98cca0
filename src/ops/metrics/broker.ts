/** What this process asked of the broker. */
import type { Counter, Histogram } from 'prom-client';
import { BROKER_SECONDS, type Instruments } from './instruments.ts';

/**
 * How a request ended. `unsent`: nothing of it left this process; `unknown`: no usable answer; `given_up`:
 * ended here before an answer came.
 */
export type BrokerOutcome = 'answered' | 'refused' | 'unknown' | 'unsent' | 'given_up';

export class BrokerMetrics {
  readonly #requests: Counter<'operation' | 'outcome'>;
  readonly #seconds: Histogram<'operation'>;

  constructor(instruments: Instruments) {
    this.#requests = instruments.counter(
      'broker_requests_total',
      'Calls to the broker by operation (of src/broker/port.ts) and outcome: answered, refused, unknown ' +
        '(no usable answer), unsent, given_up. A call that reads several pages, or repeats a question, ' +
        'counts once',
      ['operation', 'outcome'],
    );
    this.#seconds = instruments.seconds(
      'broker_request_seconds',
      'How long such a call took, the wait for the request budget included',
      BROKER_SECONDS,
      ['operation'],
    );
  }

  /** @param method a method of the broker's port, such as `openOrders` */
  ended(method: string, outcome: BrokerOutcome, ms: number): void {
    const operation = method.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    this.#requests.inc({ operation, outcome });
    this.#seconds.observe({ operation }, ms / 1_000);
  }
}
