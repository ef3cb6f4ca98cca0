/**
 * The append-only file of a Redis without automatic rewrites. It only grows, so each earlier length marks an
 * earlier state. Records the lengths, and can cut the file back to one of them while the server is down.
 */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLE_MS = 50;
/** Of a minute and a bit: how far back a loss may go. */
const MAX_SAMPLES = 1_500;

export class AppendOnlyFile {
  readonly #folder: string;
  readonly #sampler: NodeJS.Timeout;
  #samples: { atMs: number; file: string; bytes: number }[] = [];

  /** Of the server whose data lies here; notes lengths until `close`. */
  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'appendonlydir');
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** The file that is written to now, and its length. */
  growing(): { file: string; bytes: number } {
    const files = readdirSync(this.#folder).filter((file) => file.endsWith('.incr.aof'));
    const numberOf = (file: string): number => Number(/\.(\d+)\.incr\.aof$/.exec(file)?.[1] ?? 0);
    const file = files.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
    if (file === undefined) throw new Error(`no append-only file in ${this.#folder}`);
    return { file, bytes: statSync(join(this.#folder, file)).size };
  }

  /** Notes its length. @returns when (performance.now): `cutBackTo` goes back to exactly this */
  note(): number {
    const atMs = performance.now();
    this.#samples.push({ atMs, ...this.growing() });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.splice(0, MAX_SAMPLES / 2);
    return atMs;
  }

  /**
   * As it was at this time (performance.now), or at the earliest that is known. The server is not running.
   * @returns how many bytes were cut off
   */
  cutBackTo(timeMs: number): number {
    const now = this.growing();
    const known = this.#samples.filter(({ file }) => file === now.file);
    const then = known.findLast(({ atMs }) => atMs <= timeMs) ?? known[0];
    if (then === undefined || then.bytes >= now.bytes) return 0;
    truncateSync(join(this.#folder, now.file), then.bytes);
    this.#samples = known.filter(({ atMs }) => atMs <= then.atMs);
    return now.bytes - then.bytes;
  }

  close(): void {
    clearInterval(this.#sampler);
  }

  #sample(): void {
    try {
      this.note();
    } catch {
      return; // the server is between two files
    }
  }
}
