/**
 * The planner of forecasts: files the forecasts of a file or of standard input, once or, if it follows the
 * source, after every change.
 */
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkstealError } from '../../domain/errors.ts';
import type { LearnedFills } from '../../evidence/fill-table-file.ts';
import { readClock } from '../../ledger/clock-reading.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { MarketCalendar } from '../../rules/session.ts';
import type { Settings } from '../../rules/settings.ts';
import { withChances } from './chances.ts';
import { type Filing, fileSet } from './filing.ts';
import { followFile } from './follow-file.ts';
import { followLines } from './follow-lines.ts';
import { forecastSet } from './forecast-set.ts';
import { readJsonLines } from './json.ts';
import { type Format, formatOf, readRows } from './read-rows.ts';
import { readStream, readText } from './read-source.ts';
import { type Line, MAX_ROWS, numbered, type RawRows } from './rows.ts';

const RETRY_MS = 1_000;

export type ForecastJob = {
  /** A path, or `-` for standard input. */
  source: string;
  /** For rows without one. Default: the file's base name, or `stdin`. */
  strategy?: string;
  format?: Format;
  fractional: boolean;
  /** Unsupported columns whose values are ignored instead of refused. */
  ignoreColumns?: readonly string[];
  /** An empty set withdraws everything. */
  allowEmpty: boolean;
  watch: boolean;
  dryRun: boolean;
  /** Fill probabilities of rows that name none. */
  fills?: LearnedFills;
};

/** Receives a planner's results and messages. */
export type FilingOutput = {
  /** After each filing, with the number of rows that were read. */
  onFiling: (filing: Filing, rows: number) => void;
  onProgress: (done: number, total: number) => void;
  /** Of a source that is followed: why it could not be filed, a sentence. */
  tell: (sentence: string) => void;
};

export type ForecastParts = FilingOutput & {
  ledger: Ledger;
  rules: Pick<Settings, 'pools' | 'cryptoSymbols' | 'quoteMaxAgeMs'>;
  calendar: MarketCalendar;
  input: AsyncIterable<Uint8Array | string>;
};

/**
 * Files the forecasts of a source.
 * @throws WorkstealError `invalid`, `unavailable` or `unknown` (no such account). If the source is followed,
 *   these errors go to `tell` instead, and filing is tried again
 */
export async function runForecasts(
  job: ForecastJob,
  parts: ForecastParts,
  signal: AbortSignal,
): Promise<void> {
  const planner = new ForecastPlanner(job, parts, signal);
  const { source, watch } = job;
  if (source === '-' && watch) {
    const update = (lines: readonly Line[]) => planner.lines(lines, false).catch(planner.told);
    await followLines(parts.input, { update, commit: (lines) => planner.untilFiled(lines) }, signal);
  } else if (watch) {
    await followFile(source, { take: (text) => planner.text(text), tell: parts.tell, signal });
  } else {
    await planner.text(source === '-' ? await readStream(parts.input, signal) : await readText(source));
  }
}

class ForecastPlanner {
  readonly #job: ForecastJob;
  readonly #parts: ForecastParts;
  readonly #signal: AbortSignal;
  readonly #strategy: string;
  /** All strategies of earlier sets: the plans of one that is no longer in the set are withdrawn. */
  readonly #strategies = new Set<string>();

  constructor(job: ForecastJob, parts: ForecastParts, signal: AbortSignal) {
    this.#job = job;
    this.#parts = parts;
    this.#signal = signal;
    this.#strategy = job.strategy ?? strategyOf(job.source);
  }

  /** Files a whole set. */
  async text(text: string): Promise<void> {
    const { source, format = formatOf(source, text) } = this.#job;
    let raw: RawRows;
    try {
      raw = readRows(text, format, this.#job.ignoreColumns);
    } catch (error) {
      if (!(error instanceof WorkstealError)) throw error;
      throw new WorkstealError(
        error.code,
        `${source === '-' ? 'standard input' : source}: ${error.message}`,
        { ...error.details },
        error,
      );
    }
    const count = raw.rows.length + raw.faults.length;
    if (count === 0 && !this.#job.allowEmpty) {
      throw new WorkstealError(
        'invalid',
        `${source === '-' ? 'standard input' : source}: no forecasts, so nothing was changed;` +
          ` use --allow-empty to withdraw all plans of ${this.#strategy}`,
        { field: 'file' },
      );
    }
    await this.#file(raw, { ends: true, warnOfDoubles: true, cutAfter: lastLineIfOpen(text) });
  }

  /** Files lines of a set: all of its lines (`ends`), or new ones of a set that goes on. */
  async lines(lines: readonly Line[], ends: boolean): Promise<void> {
    if (lines.length > MAX_ROWS)
      throw new WorkstealError(
        'invalid',
        `a set may have at most ${MAX_ROWS} rows; end a set by a blank line`,
      );
    await this.#file(readJsonLines(lines, this.#job.ignoreColumns), {
      ends,
      warnOfDoubles: false,
      cutAfter: 0,
    });
  }

  /** A stream cannot be read again, so filing its set is retried until the ledger accepts it. */
  async untilFiled(lines: readonly Line[]): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.lines(lines, true);
        return;
      } catch (error) {
        this.told(error);
        if (error instanceof WorkstealError && error.code === 'invalid') return;
      }
      await pause(RETRY_MS, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  /** Reports an error to `tell`; rethrows what is a bug of this program. */
  readonly told = (error: unknown): void => {
    if (!(error instanceof WorkstealError) || error.code === 'bug') throw error;
    if (!this.#signal.aborted) this.#parts.tell(error.message);
  };

  async #file(
    raw: RawRows,
    { ends, warnOfDoubles, cutAfter }: { ends: boolean; warnOfDoubles: boolean; cutAfter: number },
  ): Promise<void> {
    const { ledger, rules, calendar, onFiling, onProgress } = this.#parts;
    const { fractional, dryRun, allowEmpty, fills } = this.#job;
    const { nowMs, healthMs } = await readClock(ledger);
    let closeMs: number | undefined;
    const nextClose = (): number => {
      closeMs ??= calendar.nextClose(nowMs); // cached: too slow for each row
      return closeMs;
    };
    const set = forecastSet(raw, {
      strategy: this.#strategy,
      fractional,
      warnOfDoubles,
      nowMs,
      nextClose,
      rules,
    });
    // An invalid last line without a line break is probably still being written.
    if (cutAfter > 0 && set.faults.at(-1)?.line === cutAfter) set.complete = false;
    if (fills !== undefined) {
      const { quoteMaxAgeMs } = rules;
      const { rows, warnings } = await withChances(set.asked, {
        ledger,
        fills,
        nowMs,
        healthMs,
        quoteMaxAgeMs,
      });
      set.asked = rows;
      set.warnings.push(...warnings);
    }
    const isUsable = set.asked.length > 0 || (allowEmpty && set.faults.length === 0);
    const filing = await fileSet(ledger, set, {
      ...{
        nowMs,
        dryRun,
        withdraws: ends && isUsable,
        alsoStrategies: [...this.#strategies],
        onProgress,
        signal: this.#signal,
      },
    });
    for (const strategy of filing.strategies) this.#strategies.add(strategy);
    onFiling(filing, raw.rows.length + raw.faults.length);
  }
}

/** The number of the last line when it has no line break, else 0. */
function lastLineIfOpen(text: string): number {
  return text.endsWith('\n') ? 0 : (numbered(text).at(-1)?.line ?? 0);
}

/** The default strategy of a source: `/data/morning run.csv` -> `morning-run`, `-` -> `stdin`. */
export function strategyOf(source: string): string {
  if (source === '-') return 'stdin';
  const word = basename(source)
    .replace(/\.(csv|tsv|jsonl?|ndjson)(\.gz)?$/i, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 32);
  return word === '' ? 'forecasts' : word;
}
