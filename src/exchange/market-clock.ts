/**
 * The exchange's two times. Real time is what a stopwatch shows: latencies, rate limits and the judge's
 * window run on it. Market time began at `startMs` when the exchange started and runs `speed` times as fast:
 * prices, sessions, expiries and the time stamps of orders run on it.
 */

export type MarketClockOptions = { nowMs: () => number; startMs: number; speed: number };

export class MarketClock {
  readonly speed: number;
  private readonly now: () => number;
  private readonly realStartMs: number;
  private readonly startMs: number;
  private lastStampNs = 0n;

  constructor({ nowMs, startMs, speed }: MarketClockOptions) {
    this.now = nowMs;
    this.realStartMs = nowMs();
    this.startMs = startMs;
    this.speed = speed;
  }

  realMs(): number {
    return this.now();
  }

  marketMs(): number {
    return this.startMs + (this.now() - this.realStartMs) * this.speed;
  }

  /** The real time at which the market's clock showed this. */
  toRealMs(marketMs: number): number {
    return this.realStartMs + (marketMs - this.startMs) / this.speed;
  }

  /** The market time in nanoseconds; no two calls get the same. */
  stampNs(): bigint {
    const ns = BigInt(Math.floor(this.marketMs() * 1000)) * 1000n;
    this.lastStampNs = ns > this.lastStampNs ? ns : this.lastStampNs + 1n;
    return this.lastStampNs;
  }
}

/** `2026-01-15T14:30:00.123456789Z`. */
export function isoNanos(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}

/**
 * A time from a query: ISO with any number of decimals -> nanoseconds. Null when it is none.
 */
export function parseIsoNanos(text: string): bigint | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}))?$/.exec(
    text,
  );
  if (!match) return null;
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
