/**
 * The independent judge of I1 (positions + live orders <= cap, of every pool, at every acceptance and at
 * every fill that costs more than its order held: a sale below the market).
 *
 * The cap it allows is the highest that the exchange's own account answers implied within the last sync
 * window, the answer before the window included, for a coordinator may still be using that one: nobody can
 * know better, and none may do worse. Before the first answer it is what the account would answer now. An
 * exit adds no exposure and is not judged. Of a fill, what the market moved since the order was accepted is
 * nobody's fault and not judged.
 *
 * It does not know steals: who asks for its report joins `cancelRequests` with them.
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
  /** Acceptances of an order whose client id another live order has: must stay 0. */
  doubleOrders: number;
  /** Orders refused for want of buying power: attempts that would have been violations. */
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

/** What a live order was accepted by. */
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

  /** The account was asked for, and this equity was answered (rounded down to a micro). */
  accountAnswered(equityMicros: number): void {
    this.answers.push({ atMs: this.nowMs(), equityMicros });
    this.forgetOld();
    this.write('account', { equityMicros });
  }

  /** The highest equity that a client may still go by. */
  highestEquityMicros(currentMicros: number): number {
    this.forgetOld();
    return this.answers.length === 0
      ? currentMicros
      : this.answers.reduce((most, { equityMicros }) => Math.max(most, equityMicros), 0);
  }

  /** An order was accepted; the exposure already holds it. */
  accepted(order: PaperOrder, equityMicros: number): void {
    this.counts.acceptances += 1;
    // The old and the new order of a replacement are two ids by construction, so every repeated id is a
    // double order.
    if (this.liveIds.has(order.clientId)) this.counts.doubleOrders += 1;
    this.liveIds.add(order.clientId);
    const judged = order.kind === 'entry';
    const allowedMicros = this.highestEquityMicros(equityMicros);
    this.accepting.set(order, { allowedMicros, priceNanos: this.priceOf(order.symbol) ?? 0n });
    this.lookAtPools(order, allowedMicros, judged, 0n);
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

  /** So much of it was filled, at this price. */
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

  /** Whether or not it can still be cancelled. */
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

  /** The order can't fill any more: its last line. */
  ended(order: PaperOrder): void {
    this.liveIds.delete(order.clientId);
    this.accepting.delete(order);
    const { clientId, symbol, side, kind, status, filledNanos } = order;
    this.write('ended', { order: clientId, symbol, side, kind, status, filledQty: fromNanos(filledNanos) });
  }

  /** Cash was paid in, or taken (below 0), which is nobody's trade. */
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

  /** A fill above what the order held; the account and the exposure hold it already. */
  private judgeFill(order: PaperOrder, qtyNanos: bigint, priceNanos: bigint): void {
    const accepted = this.accepting.get(order);
    if (accepted === undefined || order.kind !== 'entry') return;
    const heldAt = order.limitNanos ?? accepted.priceNanos;
    if (priceNanos <= heldAt) return;
    const fairNanos = heldAt > accepted.priceNanos ? heldAt : accepted.priceNanos;
    const moved = priceNanos > fairNanos ? (priceNanos - fairNanos) * qtyNanos : 0n;
    this.lookAtPools(
      order,
      Math.max(accepted.allowedMicros, this.highestEquityMicros(accepted.allowedMicros)),
      true,
      moved,
    );
  }

  /** `moved`: of the exposure, what is not judged. */
  private lookAtPools(order: PaperOrder, allowedMicros: number, judged: boolean, moved: Attos): void {
    for (const [pool, leverageNanos] of this.pools) {
      if (pool !== 'total' && pool !== order.assetClass) continue;
      this.look(
        pool,
        capOf(leverageNanos, allowedMicros),
        judged ? order : null,
        this.exposure.of(pool) - moved,
      );
    }
  }

  private look(pool: PoolName, cap: Attos, entry: PaperOrder | null, exposure: Attos): void {
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

  /** Answers before the window go, but for the latest of them. */
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
