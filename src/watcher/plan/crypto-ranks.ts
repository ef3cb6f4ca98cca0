/**
 * The ranks of the account's active cryptos, by forecast. Only some hosts' plans are here, so each host
 * publishes its own cryptos and reads those of the others. The second host to publish sees the first one's,
 * so a worse crypto is never forced in beside a better one that is known.
 */
import type { CryptoForecast } from '../../ledger/commands/hosts.ts';
import { cryptoRanks } from '../../rules/ranks.ts';
import type { Settings } from '../../rules/settings.ts';
import { isCrypto } from '../../rules/tolerance.ts';

export class CryptoRanks {
  readonly #rules: Settings;
  readonly #own: () => readonly CryptoForecast[];
  /** The other hosts' active cryptos; undefined after this host took one that they have not heard of. */
  #others: readonly CryptoForecast[] | undefined;
  #taken = 0;
  #ranks: Map<string, number> | undefined;

  /** `own`: this host's active plans. */
  constructor(rules: Settings, own: () => readonly CryptoForecast[]) {
    this.#rules = rules;
    this.#own = own;
  }

  /** The ranks wait for the next exchange with the fleet. */
  get isUnknown(): boolean {
    return this.#others === undefined;
  }

  /** This host has taken a plan of the symbol. */
  took(symbol: string): void {
    if (isCrypto(symbol, this.#rules)) {
      this.#taken += 1;
      this.#others = undefined;
    }
    this.#ranks = undefined;
  }

  /** Other plans are active now. */
  changed(): void {
    this.#ranks = undefined;
  }

  /** @param publish publishes this host's cryptos, and returns those of all others */
  async exchange(publish: () => Promise<readonly CryptoForecast[]>): Promise<void> {
    const published = this.#taken;
    const others = await publish();
    if (published !== this.#taken) return; // it took another crypto meanwhile
    this.#others = others;
    this.#ranks = undefined;
  }

  /** From 1; null for other symbols, and while the other hosts' cryptos are unknown. */
  of(symbol: string): number | null {
    if (this.#others === undefined) return null;
    this.#ranks ??= cryptoRanks([...this.#own(), ...this.#others], this.#rules);
    return this.#ranks.get(symbol) ?? null;
  }
}
