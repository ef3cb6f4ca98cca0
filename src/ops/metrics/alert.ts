/** What an alert process tells of itself. */
import type { Counter, Gauge } from 'prom-client';
import type { Instruments } from './instruments.ts';

export class AlertMetrics {
  readonly #messages: Counter<'outcome'>;
  readonly #leads: Gauge;
  readonly #firing: Gauge;

  constructor(instruments: Instruments) {
    this.#messages = instruments.counter(
      'alert_messages_total',
      'Attempts to deliver a message: delivered, failed (tried again)',
      ['outcome'],
    );
    this.#leads = instruments.gauge('alert_leads', '1: this process tells; 0: another one does');
    this.#firing = instruments.gauge('alerts_firing', 'Faults that last; of the process that tells');
    for (const outcome of ['delivered', 'failed']) this.#messages.inc({ outcome }, 0);
  }

  ended(outcome: 'delivered' | 'failed'): void {
    this.#messages.inc({ outcome });
  }

  show({ leads, firing }: { leads: boolean; firing: number }): void {
    this.#leads.set(leads ? 1 : 0);
    this.#firing.set(firing);
  }
}
