/**
 * The exchange's two clocks. Latencies, rate limits and the judge's window run on real time. Prices,
 * sessions, expiries and the time stamps of orders run on market time, which starts at `startMs` and runs
 * `speed` times as fast.
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

  /** Market time -> real time. */
  toRealMs(marketMs: number): number {
    return this.realStartMs + (marketMs - this.startMs) / this.speed;
  }

  /** The market time in nanoseconds; strictly increasing from call to call. */
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
 * An ISO date or time with up to nine decimals -> nanoseconds; null for any other text.
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
