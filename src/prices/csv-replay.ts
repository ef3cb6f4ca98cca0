/**
 * Replays hourly bars as a market. Each bar is walked along open -> one extreme -> the other extreme ->
 * close, a third of the hour each, in a straight line: the low first where the bar rises, else the high
 * first. Between bars the price stays and grows old; it never looks ahead.
 */
import { BAR_MS, type Bar, type BarSeries, readBars } from './bars.ts';
import type { Market, MarketPrice, PriceStep, SymbolInfo } from './market.ts';

type Point = { atMs: number; priceNanos: bigint };

/** `next`: the index of the first bar that has not ended yet. */
type Track = { series: BarSeries; next: number; price: MarketPrice | undefined };

/**
 * The turning points of a bar, its start and its end included. An open beyond the extremes (a gap) starts at
 * the extreme.
 */
function turningPoints(bar: Bar): [Point, Point, Point, Point] {
  const open = bar.open > bar.high ? bar.high : bar.open < bar.low ? bar.low : bar.open;
  const rises = bar.close >= open;
  return [
    { atMs: bar.startMs, priceNanos: open },
    { atMs: bar.startMs + BAR_MS / 3, priceNanos: rises ? bar.low : bar.high },
    { atMs: bar.startMs + (2 * BAR_MS) / 3, priceNanos: rises ? bar.high : bar.low },
    { atMs: bar.startMs + BAR_MS, priceNanos: bar.close },
  ];
}

function between(from: Point, to: Point, atMs: number): bigint {
  const elapsed = BigInt(Math.round((atMs - from.atMs) * 1000));
  return (
    from.priceNanos +
    ((to.priceNanos - from.priceNanos) * elapsed) / BigInt(Math.round((to.atMs - from.atMs) * 1000))
  );
}

export class CsvReplay implements Market {
  /** The start of the first bar and the end of the last one, over all symbols. */
  readonly startMs: number;
  readonly endMs: number;
  private readonly tracks: Map<string, Track>;
  private nowMs: number;

  /**
   * Begins at `startMs`, by default at the first bar; earlier bars are passed over, their last close is the
   * price.
   */
  constructor(series: readonly BarSeries[], startMs?: number) {
    this.startMs = Math.min(...series.map(({ bars }) => bars[0]?.startMs ?? Number.POSITIVE_INFINITY));
    this.endMs = Math.max(
      ...series.map(({ bars }) => (bars.at(-1)?.startMs ?? Number.NEGATIVE_INFINITY) + BAR_MS),
    );
    this.tracks = new Map(series.map((one) => [one.symbol, { series: one, next: 0, price: undefined }]));
    this.nowMs = this.startMs - 1;
    this.advance(startMs ?? this.startMs);
  }

  /** @throws WorkstealError `invalid`, naming file and line. */
  static fromFolder(dir: string, startMs?: number): CsvReplay {
    return new CsvReplay(readBars(dir), startMs);
  }

  symbols(): readonly SymbolInfo[] {
    return [...this.tracks.values()].map(({ series }) => ({
      symbol: series.symbol,
      assetClass: series.assetClass,
    }));
  }

  advance(toMs: number): PriceStep[] {
    if (toMs <= this.nowMs) return [];
    const steps: PriceStep[] = [];
    for (const track of this.tracks.values()) walk(track, this.nowMs, toMs, steps);
    this.nowMs = toMs;
    return steps.sort((a, b) => a.atMs - b.atMs);
  }

  price(symbol: string): MarketPrice | undefined {
    return this.tracks.get(symbol)?.price;
  }
}

/**
 * Turning points passed since `fromMs` are steps of their own, so that no extreme is jumped over; then the
 * point at `toMs`.
 */
function walk(track: Track, fromMs: number, toMs: number, steps: PriceStep[]): void {
  const { symbol, bars } = track.series;
  function reach(atMs: number, priceNanos: bigint): void {
    if (track.price?.priceNanos !== priceNanos) steps.push({ symbol, atMs, priceNanos });
    track.price = { priceNanos, atMs };
  }
  for (let bar = bars[track.next]; bar && bar.startMs <= toMs; bar = bars[++track.next]) {
    const points = turningPoints(bar);
    for (const point of points) {
      if (point.atMs > fromMs && point.atMs <= toMs) reach(point.atMs, point.priceNanos);
    }
    const leg = points.findIndex((point) => point.atMs > toMs);
    if (leg === -1) continue;
    const [from, to] = [points[leg - 1], points[leg]];
    if (from && to) reach(toMs, between(from, to, toMs));
    return;
  }
}
