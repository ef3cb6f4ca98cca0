/**
 * A file as it changes. Its folder is watched, for a file that is replaced is another one under the same
 * name, and its time is looked at every second, for not every file system tells. A text is taken once it
 * stood still for a moment, and only if it is another one.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkstealError } from '../../domain/errors.ts';
import { readText } from './read-source.ts';

const LOOK_MS = 1_000;
const SETTLE_MS = 150;

export type Following = {
  /** Takes a text. What it throws is told; unless it is `invalid`, the same text is given again. */
  take: (text: string) => Promise<void>;
  tell: (sentence: string) => void;
  signal: AbortSignal;
  lookMs?: number;
};

/**
 * Resolves when the signal aborts. A file that is gone or can not be read is told once, and changes nothing.
 */
export async function followFile(
  path: string,
  { take, tell, signal, lookMs = LOOK_MS }: Following,
): Promise<void> {
  const folder = new FolderEvents(dirname(path), signal);
  let seen = '';
  let taken = '';
  let told = '';
  while (!signal.aborted) {
    try {
      const { stamp, stable } = await stampOf(path, signal);
      if (stable && stamp !== seen) {
        const text = await readText(path);
        const hash = createHash('sha256').update(text).digest('hex');
        // Written to while it was read: the next look has it whole.
        if ((await stampNow(path)) === stamp) {
          if (hash !== taken) await takeOnce(text, take);
          [seen, taken, told] = [stamp, hash, ''];
        }
      }
    } catch (error) {
      if (!(error instanceof WorkstealError)) throw error;
      if (error instanceof Unusable) [seen, taken] = [await stampNow(path).catch(() => ''), ''];
      if (error.message !== told && !signal.aborted) tell(`${error.message}; what was filed before stays`);
      told = error.message;
    }
    await folder.next(lookMs);
  }
}

/** A text that is of no use however often it is tried. */
class Unusable extends WorkstealError {}

async function takeOnce(text: string, take: Following['take']): Promise<void> {
  try {
    await take(text);
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'invalid')
      throw new Unusable('invalid', error.message, { ...error.details }, error);
    throw error;
  }
}

/** What a change of the file changes. */
async function stampNow(path: string): Promise<string> {
  let facts: BigIntStats;
  try {
    facts = await stat(path, { bigint: true });
  } catch (error) {
    throw new WorkstealError(
      'invalid',
      `${path}: it can not be read (${(error as Error).message})`,
      { field: 'file', value: path },
      error,
    );
  }
  return [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
}

async function stampOf(path: string, signal: AbortSignal): Promise<{ stamp: string; stable: boolean }> {
  const stamp = await stampNow(path);
  await pause(SETTLE_MS, undefined, { signal }).catch(() => {});
  return { stamp, stable: !signal.aborted && (await stampNow(path)) === stamp };
}

/** Waits for news of a folder, or for a while; where a folder can not be watched, always for the while. */
class FolderEvents {
  readonly #signal: AbortSignal;
  #news = false;
  #wake: (() => void) | undefined;

  constructor(folder: string, signal: AbortSignal) {
    this.#signal = signal;
    const onNews = (): void => {
      this.#news = true;
      this.#wake?.();
    };
    try {
      watch(folder, { signal }, onNews).on('error', () => {});
    } catch {
      // No such folder yet, or no watches left.
    }
    signal.addEventListener('abort', onNews, { once: true });
  }

  async next(ms: number): Promise<void> {
    if (!this.#news) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.#wake = resolve;
      if (this.#signal.aborted) resolve();
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#news = false;
  }
}
