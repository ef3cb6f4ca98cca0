/**
 * Logs what does not count at the broker: each item when it comes and when it is over, never again in
 * between.
 */
import type { Logger } from 'pino';
import type { Oddity } from '../broker/port.ts';

export class OddityLog {
  #told = new Map<string, Oddity>();

  update(oddities: readonly Oddity[], log: Pick<Logger, 'info' | 'warn'>): void {
    const now = new Map(oddities.map((oddity) => [`${oddity.what} ${oddity.id || oddity.symbol}`, oddity]));
    for (const [name, { why, counts, symbol }] of now) {
      if (this.#told.get(name)?.why === why) continue;
      const verdict = counts
        ? 'may count too little'
        : 'counts nothing; WORKSTEAL_IGNORE names what is to be passed over in silence';
      log.warn(
        { item: name, symbol },
        `the ${name} at the broker${symbol === '' ? '' : ` (${symbol})`}: ${why}; it ${verdict}`,
      );
    }
    for (const name of this.#told.keys()) {
      if (!now.has(name))
        log.info({ item: name }, `the ${name} at the broker counts in full now, or is gone`);
    }
    this.#told = now;
  }
}
