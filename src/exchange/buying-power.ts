/**
 * The broker's own check: buying power = multiplier x equity - exposure. It uses the highest equity that the
 * account reported within the judge's window. So a client that uses the last answer is never refused because
 * prices have moved since.
 */

import { type AlpacaError, forbidden } from '../alpaca-server/errors.ts';
import type { AssetClass } from '../prices/market.ts';
import type { Account } from './account.ts';
import { type Attos, attosToDollars, attosToMicros } from './amounts.ts';
import type { Exposure } from './exposure.ts';
import type { Faults } from './faults.ts';
import type { Judge } from './judge.ts';

export type BuyingPowerOptions = {
  /** Margin multiplier in nanos. */
  multiplierNanos: bigint;
  /** Check crypto buys against cash alone, as the real broker does. */
  cryptoCash: boolean;
  /** False: no order is refused for insufficient buying power; the judge still reports violations. */
  enforced: boolean;
};

export class BuyingPower {
  readonly multiplierNanos: bigint;
  private readonly options: BuyingPowerOptions;
  private readonly account: Account;
  private readonly exposure: Exposure;
  private readonly judge: Judge;
  private readonly priceOf: (symbol: string) => bigint | undefined;
  private readonly faults: Faults;

  constructor(
    options: BuyingPowerOptions,
    account: Account,
    exposure: Exposure,
    judge: Judge,
    priceOf: (symbol: string) => bigint | undefined,
    faults: Faults,
  ) {
    this.options = options;
    this.multiplierNanos = options.multiplierNanos;
    this.account = account;
    this.exposure = exposure;
    this.judge = judge;
    this.priceOf = priceOf;
    this.faults = faults;
  }

  /** `buying_power` of the account: for stocks. */
  margin(): Attos {
    return this.left(this.equityMicros());
  }

  /**
   * `non_marginable_buying_power` of the account, for crypto. With `cryptoCash`: cash less what crypto orders
   * hold. Without: as `margin`, but what stock orders hold does not reduce it.
   */
  nonMargin(): Attos {
    if (!this.options.cryptoCash) return this.left(this.equityMicros(), this.exposure.ordersOf('stock'));
    const left = this.account.cash - this.exposure.ordersOf('crypto');
    return left > 0n ? left : 0n;
  }

  /** @throws AlpacaError 403 with `buying_power` and `cost_basis` when `need` more does not fit. */
  check(assetClass: AssetClass, need: Attos, clientId: string): void {
    // An injected fault: the judge must not count it, since the order would have fitted.
    if (this.faults.strikes('refuseBuyingPower')) throw insufficient(0n, need);
    if (!this.options.enforced) return;
    const equityMicros = this.equityMicros();
    const lenient = Math.max(equityMicros, this.judge.highestEquityMicros(equityMicros));
    const short = need > this.left(lenient) ? this.left(equityMicros) : null;
    const shortOfCash =
      assetClass === 'crypto' && this.options.cryptoCash && need > this.nonMargin() ? this.nonMargin() : null;
    const left = short ?? shortOfCash;
    if (left === null) return;
    this.judge.refusedForBuyingPower(clientId);
    throw insufficient(left, need);
  }

  /** `ignored`: the part of the exposure that does not count. */
  private left(equityMicros: number, ignored: Attos = 0n): Attos {
    const left = BigInt(equityMicros) * this.multiplierNanos * 1000n - this.exposure.of('total') + ignored;
    return left > 0n ? left : 0n;
  }

  private equityMicros(): number {
    return attosToMicros(this.account.equity(this.priceOf), 'down');
  }
}

function insufficient(left: Attos, need: Attos): AlpacaError {
  return forbidden('insufficient buying power', {
    buying_power: attosToDollars(left, 'down'),
    cost_basis: attosToDollars(need, 'up'),
  });
}
