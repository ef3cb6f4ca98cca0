/** The counters, gauges and histograms of one role, all with the project's prefix. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'worksteal_';

/** 0.5 ms to 10 s: a decision takes some ms, waiting for a victim's end up to seconds. */
export const DECISION_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** 0.5 ms to 5 s, few: for histograms with one series per command or route. */
export const REQUEST_SECONDS = [0.0005, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5];
/** 10 ms to 2 min: what waits for the broker. */
export const BROKER_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** `type`: counter, gauge or histogram. */
export type Definition = { name: string; type: string; labels: string[]; help: string };

export class Instruments {
  readonly registry = new Registry();
  readonly #definitions: Definition[] = [];

  counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter(this.#defined('counter', name, help, labelNames));
  }

  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Gauge<Label> {
    return new Gauge(this.#defined('gauge', name, help, labelNames));
  }

  /** @param buckets upper bounds, seconds */
  seconds<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[] = DECISION_SECONDS,
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ ...this.#defined('histogram', name, help, labelNames), buckets: [...buckets] });
  }

  /** In the order in which they were made. */
  definitions(): Definition[] {
    return this.#definitions;
  }

  #defined<Label extends string>(type: string, name: string, help: string, labelNames: readonly Label[]) {
    const whole = `${PREFIX}${name}`;
    this.#definitions.push({ name: whole, type, labels: [...labelNames], help });
    return { name: whole, help, labelNames: [...labelNames], registers: [this.registry] };
  }
}
