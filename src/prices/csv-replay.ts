/**
 * Replays hourly bars as a market. Within a bar the price moves in straight lines from open to one extreme,
 * to the other, to close, a third of the hour each. A rising bar has its low first, a falling one its high.
 * Between bars the price stays and gets older. Later bars never influence the price.
 */
import { BAR_MS, type Bar, type BarSeries, readBars } from './bars.ts';
import type { Market, MarketPrice, PriceStep, SymbolInfo } from './market.ts';

type Point = { atMs: number; priceNanos: bigint };

/** The replay of one symbol. `next`: the index of the first bar that has not ended yet. */
type Track = { series: BarSeries; next: number; price: MarketPrice | undefined };

/**
 * The turning points of a bar, with its start and end. An open outside low and high (a gap) is moved to the
 * nearer one.
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

function interpolate(from: Point, to: Point, atMs: number): bigint {
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
   * Begins at `startMs` (market time, ms), by default at the first bar. The last close before it is the
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

  /** Reads the folder's bars. @throws WorkstealError `invalid` with file and line, as `readBars`. */
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
 * Moves one symbol to `toMs`. Each turning point since `fromMs` is a step of its own, so that no extreme is
 * missed.
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
    if (from && to) reach(toMs, interpolate(from, to, toMs));
    return;
  }
}
