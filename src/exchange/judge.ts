/**
 * The independent judge of I1: positions + live orders <= cap of every pool. It checks at every acceptance,
 * and at every fill that costs more than its order held (a short sale below the market).
 *
 * The cap that it allows follows from the highest equity in the account's answers within the last sync
 * window, and in the last answer before that, which a coordinator may still use. Before the first answer it
 * uses the current equity. An exit adds no exposure and is not judged. Nor is the part of a fill's cost that
 * comes from the market's moves since the order was accepted.
 *
 * It does not know about steals: the reader of its report matches `cancelRequests` with them.
 */
import { fromNanos } from '../domain/decimal.ts';
import type { AssetClass } from '../prices/market.ts';
import { type Attos, attosToDollars, attosToMicros } from './amounts.ts';
import type { Exposure } from './exposure.ts';
import type { ExposureLog } from './exposure-log.ts';
import type { PaperOrder } from './orders.ts';

const MAX_VIOLATIONS = 1000;
const MAX_CANCEL_REQUESTS = 100_000;

export type PoolName = 'total' | AssetClass;

/** A pool's leverage in nanos: 2 is 2_000_000_000. */
export type Pools = ReadonlyMap<PoolName, bigint>;

export type Violation = {
  at: string;
  pool: PoolName;
  exposureMicros: number;
  capMicros: number;
  orderId: string;
};

/** `capMicros` is the cap at the acceptance or fill with the highest ratio of exposure to cap. */
export type PoolReport = {
  highestExposureMicros: number;
  highestRatio: number;
  capMicros: number;
  exposureMicros: number;
};

export type JudgeReport = {
  pools: Partial<Record<PoolName, PoolReport>>;
  acceptances: number;
  /** The oldest 1000. */
  violations: Violation[];
  violationCount: number;
  /** Accepted orders whose client id belonged to another live order: must stay 0. */
  doubleOrders: number;
  /** Orders refused for insufficient buying power: they would have been violations. */
  buyingPowerRefusals: number;
  fills: number;
  cancels: number;
  /** Every DELETE that reached a known order, the newest 100,000: client order id and real time. */
  cancelRequests: { id: string; at: string }[];
  equityMicros: number;
  exposureMicros: number;
};

export type JudgeOptions = {
  pools: Pools;
  windowMs: number;
  nowMs: () => number;
  exposure: Exposure;
  /** The symbol's last price in nanos, if there was one. */
  priceOf: (symbol: string) => bigint | undefined;
  log: ExposureLog;
};

/** The equity and the price at which a live order was accepted. */
type Acceptance = { allowedMicros: number; priceNanos: bigint };

/** Leverage x an answered equity, exactly. */
function capOf(leverageNanos: bigint, equityMicros: number): Attos {
  return BigInt(equityMicros) * leverageNanos * 1000n;
}

export class Judge {
  private readonly pools: Pools;
  private readonly windowMs: number;
  private readonly nowMs: () => number;
  private readonly exposure: Exposure;
  private readonly priceOf: JudgeOptions['priceOf'];
  private readonly log: ExposureLog;
  private readonly highest = new Map<PoolName, { exposure: Attos; ratio: number; cap: Attos }>();
  private readonly violations: Violation[] = [];
  private readonly cancelRequests: { id: string; at: string }[] = [];
  private readonly liveIds = new Set<string>();
  private readonly accepting = new Map<PaperOrder, Acceptance>();
  private answers: { atMs: number; equityMicros: number }[] = [];
  private counts = {
    acceptances: 0,
    violations: 0,
    doubleOrders: 0,
    buyingPowerRefusals: 0,
    fills: 0,
    cancels: 0,
  };

  constructor({ pools, windowMs, nowMs, exposure, priceOf, log }: JudgeOptions) {
    this.pools = pools;
    this.windowMs = windowMs;
    this.nowMs = nowMs;
    this.exposure = exposure;
    this.priceOf = priceOf;
    this.log = log;
    for (const pool of pools.keys()) this.highest.set(pool, { exposure: 0n, ratio: 0, cap: 0n });
  }

  /** The account was queried and reported this equity (rounded down to a micro). */
  accountAnswered(equityMicros: number): void {
    this.answers.push({ atMs: this.nowMs(), equityMicros });
    this.forgetOld();
    this.write('account', { equityMicros });
  }

  /** The highest equity that a client may still be using. */
  highestEquityMicros(currentMicros: number): number {
    this.forgetOld();
    return this.answers.length === 0
      ? currentMicros
      : this.answers.reduce((most, { equityMicros }) => Math.max(most, equityMicros), 0);
  }

  /** An order was accepted; the exposure includes it already. */
  accepted(order: PaperOrder, equityMicros: number): void {
    this.counts.acceptances += 1;
    // A replacement has a new id by construction, so every repeated id is a double order.
    if (this.liveIds.has(order.clientId)) this.counts.doubleOrders += 1;
    this.liveIds.add(order.clientId);
    const judged = order.kind === 'entry';
    const allowedMicros = this.highestEquityMicros(equityMicros);
    this.accepting.set(order, { allowedMicros, priceNanos: this.priceOf(order.symbol) ?? 0n });
    this.checkPools(order, allowedMicros, judged, 0n);
    this.write('accepted', {
      order: order.clientId,
      symbol: order.symbol,
      side: order.side,
      kind: order.kind,
      qty: fromNanos(order.qtyNanos),
      limit: order.limitNanos === null ? null : fromNanos(order.limitNanos),
      replaces: order.replaces,
      holdUsd: attosToDollars(order.hold, 'up'),
    });
  }

  /** A part of the order was filled at this price. */
  filled(order: PaperOrder, qtyNanos: bigint, priceNanos: bigint): void {
    this.counts.fills += 1;
    const { clientId, symbol, side, kind, status, filledNanos } = order;
    const fill = {
      qty: fromNanos(qtyNanos),
      price: fromNanos(priceNanos),
      filledQty: fromNanos(filledNanos),
    };
    this.judgeFill(order, qtyNanos, priceNanos);
    this.write('fill', { order: clientId, symbol, status, side, kind, ...fill });
  }

  /** A DELETE reached the order, whether or not it can still be cancelled. */
  cancelRequested(order: PaperOrder): void {
    this.write('cancel_requested', { order: order.clientId, symbol: order.symbol, status: order.status });
    this.cancelRequests.push({ id: order.clientId, at: this.timestamp() });
    if (this.cancelRequests.length > 2 * MAX_CANCEL_REQUESTS)
      this.cancelRequests.splice(0, MAX_CANCEL_REQUESTS);
  }

  cancelled(order: PaperOrder): void {
    this.counts.cancels += 1;
    this.write('cancel', { order: order.clientId, symbol: order.symbol });
  }

  /** The order has ended: writes its last line. */
  ended(order: PaperOrder): void {
    this.liveIds.delete(order.clientId);
    this.accepting.delete(order);
    const { clientId, symbol, side, kind, status, filledNanos } = order;
    this.write('ended', { order: clientId, symbol, side, kind, status, filledQty: fromNanos(filledNanos) });
  }

  /** Cash was deposited, or withdrawn (`change` below 0). */
  cashMoved(change: Attos, equityMicros: number): void {
    this.write('cash', { changeUsd: attosToDollars(change, 'down'), equityMicros });
  }

  refusedForBuyingPower(clientId: string): void {
    this.counts.buyingPowerRefusals += 1;
    this.write('refused', { order: clientId });
  }

  report(equityMicros: number): JudgeReport {
    const pools: JudgeReport['pools'] = {};
    for (const [pool, { exposure, ratio, cap }] of this.highest) {
      pools[pool] = {
        highestExposureMicros: attosToMicros(exposure, 'up'),
        highestRatio: ratio,
        capMicros: attosToMicros(cap, 'down'),
        exposureMicros: attosToMicros(this.exposure.of(pool), 'up'),
      };
    }
    return {
      pools,
      acceptances: this.counts.acceptances,
      violations: [...this.violations],
      violationCount: this.counts.violations,
      doubleOrders: this.counts.doubleOrders,
      buyingPowerRefusals: this.counts.buyingPowerRefusals,
      fills: this.counts.fills,
      cancels: this.counts.cancels,
      cancelRequests: this.cancelRequests.slice(-MAX_CANCEL_REQUESTS),
      equityMicros,
      exposureMicros: attosToMicros(this.exposure.of('total'), 'up'),
    };
  }

  /** Judges a fill that costs more than the order held. Account and exposure include it already. */
  private judgeFill(order: PaperOrder, qtyNanos: bigint, priceNanos: bigint): void {
    const accepted = this.accepting.get(order);
    if (accepted === undefined || order.kind !== 'entry') return;
    const heldAt = order.limitNanos ?? accepted.priceNanos;
    if (priceNanos <= heldAt) return;
    const fairNanos = heldAt > accepted.priceNanos ? heldAt : accepted.priceNanos;
    const moved = priceNanos > fairNanos ? (priceNanos - fairNanos) * qtyNanos : 0n;
    this.checkPools(
      order,
      Math.max(accepted.allowedMicros, this.highestEquityMicros(accepted.allowedMicros)),
      true,
      moved,
    );
  }

  /** `moved`: the part of the exposure that is not judged. */
  private checkPools(order: PaperOrder, allowedMicros: number, judged: boolean, moved: Attos): void {
    for (const [pool, leverageNanos] of this.pools) {
      if (pool !== 'total' && pool !== order.assetClass) continue;
      this.checkPool(
        pool,
        capOf(leverageNanos, allowedMicros),
        judged ? order : null,
        this.exposure.of(pool) - moved,
      );
    }
  }

  private checkPool(pool: PoolName, cap: Attos, entry: PaperOrder | null, exposure: Attos): void {
    const highest = this.highest.get(pool);
    const ratio = cap > 0n ? Number((exposure * 1_000_000_000n) / cap) / 1e9 : 0;
    if (highest && exposure > highest.exposure) highest.exposure = exposure;
    if (highest && entry && (ratio > highest.ratio || highest.cap === 0n))
      Object.assign(highest, { ratio, cap });
    if (!entry || exposure <= cap) return;
    this.counts.violations += 1;
    const violation = {
      at: this.timestamp(),
      pool,
      exposureMicros: attosToMicros(exposure, 'up'),
      capMicros: attosToMicros(cap, 'down'),
      orderId: entry.clientId,
    };
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push(violation);
    this.write('violation', violation);
  }

  /** Removes the answers from before the window, except the latest of them. */
  private forgetOld(): void {
    const since = this.nowMs() - this.windowMs;
    const firstInside = this.answers.findIndex(({ atMs }) => atMs > since);
    const keepFrom = (firstInside === -1 ? this.answers.length : firstInside) - 1;
    if (keepFrom > 0) this.answers = this.answers.slice(keepFrom);
  }

  private timestamp(): string {
    return new Date(this.nowMs()).toISOString();
  }

  private write(event: string, facts: Record<string, string | number | null>): void {
    this.log.write({
      at: this.timestamp(),
      event,
      ...facts,
      exposureUsd: attosToDollars(this.exposure.of('total'), 'up'),
    });
  }
}
