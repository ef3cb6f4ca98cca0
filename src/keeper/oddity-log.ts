/**
 * Logs items at the broker that do not count, or not in full: each when it appears or its cause changes, and
 * when it is over.
 */
import type { Logger } from 'pino';
import type { Oddity } from '../broker/port.ts';

export class OddityLog {
  #logged = new Map<string, Oddity>();

  update(oddities: readonly Oddity[], log: Pick<Logger, 'info' | 'warn'>): void {
    const now = new Map(oddities.map((oddity) => [`${oddity.what} ${oddity.id || oddity.symbol}`, oddity]));
    for (const [name, { why, counts, symbol }] of now) {
      if (this.#logged.get(name)?.why === why) continue;
      const verdict = counts
        ? 'may count too little'
        : 'counts nothing; to silence this warning, name it in WORKSTEAL_IGNORE';
      log.warn(
        { item: name, symbol },
        `the ${name} at the broker${symbol === '' ? '' : ` (${symbol})`}: ${why}; it ${verdict}`,
      );
    }
    for (const name of this.#logged.keys()) {
      if (!now.has(name))
        log.info({ item: name }, `the ${name} at the broker counts in full now, or is gone`);
    }
    this.#logged = now;
  }
}
