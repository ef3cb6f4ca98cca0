/**
 * A library of Brownian hours: 600,000 random walks of 60 minutes, each stretched to its own range and filed
 * under its class: where in the range it opens and closes (25 x 25), and how wide the range is, in deviations
 * of an hour (6 bands). A bar takes the shape of a member of its class.
 *
 * 150,000 walks are drawn; each stands for four: as it is, upside down, back to front, both. So the library
 * has no drift, and takes 18 MB. It is always the same; the seed of a run picks from it.
 */
import { seededRandom } from '../prices/random.ts';

export const MINUTES = 60;

/** Where in its range a walk is: 0 at the bottom, FULL at the top. */
export const FULL = 65_535;

const WALKS = 150_000;
const VARIANTS = 4;
/** The open, and the end of each minute. */
const POINTS = MINUTES + 1;
const PLACES = 25;
const BANDS = 6;
const CLASSES = PLACES * PLACES * BANDS;
/** A class with fewer members borrows those of its neighbours. */
const FEWEST = 12;
const LIBRARY_SEED = 20_261_129;

export class BrownianHours {
  /** WALKS x POINTS places. */
  readonly #points = new Uint16Array(WALKS * POINTS);
  /** The upper edges of all bands but the last, in deviations of an hour. */
  readonly #bandEdges: number[];
  /** Members of class c: `#members` from `#starts[c]` to `#starts[c + 1]`, each walk x VARIANTS + variant. */
  readonly #members = new Uint32Array(WALKS * VARIANTS);
  readonly #starts = new Uint32Array(CLASSES + 1);
  /** The class that answers for each: itself, or the nearest that has members. */
  readonly #answering = new Uint16Array(CLASSES);

  constructor() {
    const ranges = this.#drawWalks();
    const sorted = ranges.toSorted();
    this.#bandEdges = Array.from(
      { length: BANDS - 1 },
      (_, at) => sorted[Math.floor(((at + 1) * WALKS) / BANDS)] ?? 0,
    );
    this.#file(ranges);
    for (let of = 0; of < CLASSES; of++) this.#answering[of] = this.#nearest(of);
  }

  /**
   * Fills `into` from `at` on with 60 places, the end of each minute.
   * @param open where the bar opens in its range, 0..1; `close` as well
   * @param width its range, in deviations of an hour
   * @param drawn picks the member: 0 <= drawn < 1
   */
  fill(into: Uint16Array, open: number, close: number, width: number, drawn: number): void {
    const of = this.#answering[classOf(placeOf(open), placeOf(close), this.#bandOf(width))] ?? 0;
    const start = this.#starts[of] ?? 0;
    const count = (this.#starts[of + 1] ?? 0) - start;
    const member = this.#members[start + Math.floor(drawn * count)] ?? 0;
    const variant = member % VARIANTS;
    const first = ((member - variant) / VARIANTS) * POINTS;
    const isUpsideDown = (variant & 1) === 1;
    const isBackwards = (variant & 2) === 2;
    for (let minute = 0; minute < MINUTES; minute++) {
      const place = this.#points[first + (isBackwards ? MINUTES - 1 - minute : minute + 1)] ?? 0;
      into[minute] = isUpsideDown ? FULL - place : place;
    }
  }

  /** Returns the range of each walk, in deviations of an hour. */
  #drawWalks(): Float64Array {
    const random = seededRandom(LIBRARY_SEED);
    const ranges = new Float64Array(WALKS);
    const walk = new Float64Array(POINTS);
    const step = 1 / Math.sqrt(MINUTES);
    for (let of = 0; of < WALKS; of++) {
      let [at, low, high] = [0, 0, 0];
      for (let point = 1; point < POINTS; point++) {
        at += step * random.normal();
        walk[point] = at;
        if (at < low) low = at;
        if (at > high) high = at;
      }
      const range = high - low;
      ranges[of] = range;
      for (let point = 0; point < POINTS; point++)
        this.#points[of * POINTS + point] = Math.round((((walk[point] ?? 0) - low) / range) * FULL);
    }
    return ranges;
  }

  /** Counts each class, then puts its members together. */
  #file(ranges: Float64Array): void {
    const classes = new Uint16Array(WALKS * VARIANTS);
    const counts = new Uint32Array(CLASSES);
    for (let of = 0; of < WALKS; of++) {
      const band = this.#bandOf(ranges[of] ?? 0);
      const open = placeIn(this.#points[of * POINTS] ?? 0);
      const close = placeIn(this.#points[of * POINTS + MINUTES] ?? 0);
      for (let variant = 0; variant < VARIANTS; variant++) {
        const [first, last] = (variant & 2) === 2 ? [close, open] : [open, close];
        const up = (variant & 1) === 1;
        const found = classOf(up ? PLACES - 1 - first : first, up ? PLACES - 1 - last : last, band);
        classes[of * VARIANTS + variant] = found;
        counts[found] = (counts[found] ?? 0) + 1;
      }
    }
    for (let of = 0; of < CLASSES; of++) this.#starts[of + 1] = (this.#starts[of] ?? 0) + (counts[of] ?? 0);
    const next = this.#starts.slice();
    for (let member = 0; member < classes.length; member++) {
      const of = classes[member] ?? 0;
      const at = next[of] ?? 0;
      this.#members[at] = member;
      next[of] = at + 1;
    }
  }

  /** The nearest class with members: a place off counts one, a band off counts two. */
  #nearest(of: number): number {
    const size = (one: number): number => (this.#starts[one + 1] ?? 0) - (this.#starts[one] ?? 0);
    if (size(of) >= FEWEST) return of;
    const band = of % BANDS;
    const close = ((of - band) / BANDS) % PLACES;
    const open = Math.floor(of / BANDS / PLACES);
    let [best, bestAway] = [of, Infinity];
    for (let other = 0; other < CLASSES; other++) {
      if (size(other) < FEWEST) continue;
      const itsBand = other % BANDS;
      const away =
        2 * Math.abs(itsBand - band) +
        Math.abs((((other - itsBand) / BANDS) % PLACES) - close) +
        Math.abs(Math.floor(other / BANDS / PLACES) - open);
      if (away < bestAway) [best, bestAway] = [other, away];
    }
    return best;
  }

  #bandOf(width: number): number {
    let band = 0;
    while (band < BANDS - 1 && width >= (this.#bandEdges[band] ?? Infinity)) band++;
    return band;
  }
}

let built: BrownianHours | undefined;

/** The one library of this process, built when first needed: it takes half a second. */
export function brownianHours(): BrownianHours {
  built ??= new BrownianHours();
  return built;
}

function classOf(open: number, close: number, band: number): number {
  return (open * PLACES + close) * BANDS + band;
}

function placeOf(share: number): number {
  return Math.max(0, Math.min(PLACES - 1, Math.floor(share * PLACES)));
}

/** The place of a point of the library. Upside down it is PLACES - 1 less it. */
function placeIn(point: number): number {
  return placeOf(point / FULL);
}
