/**
 * Follows a file: reads it again whenever it changes. It watches the folder, because a file that is replaced
 * is a new one under the same name. It also checks the file every second, because not every file system
 * reports changes. A file is read once it stops changing, and passed on only if its content changed.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkstealError } from '../../domain/errors.ts';
import { unreadable } from '../../domain/file-fault.ts';
import { readText } from './read-source.ts';

const CHECK_MS = 1_000;
const SETTLE_MS = 150;

export type Following = {
  /** Receives the content. Its errors go to `tell`; unless the error is `invalid`, it is called again. */
  take: (text: string) => Promise<void>;
  /** Receives a message for people. */
  tell: (sentence: string) => void;
  signal: AbortSignal;
  /** How often the file is checked, ms; default 1 s. */
  checkMs?: number;
};

/**
 * Resolves when the signal aborts. A missing or unreadable file is reported once, and changes nothing.
 */
export async function followFile(
  path: string,
  { take, tell, signal, checkMs = CHECK_MS }: Following,
): Promise<void> {
  const folder = new FolderEvents(dirname(path), signal);
  let lastStamp = '';
  let lastHash = '';
  let lastMessage = '';
  while (!signal.aborted) {
    try {
      const { stamp, stable } = await stampOf(path, signal);
      if (stable && stamp !== lastStamp) {
        const text = await readText(path);
        const hash = createHash('sha256').update(text).digest('hex');
        // If it changed while it was read, the next check reads it again.
        if ((await stampNow(path)) === stamp) {
          if (hash !== lastHash) await takeOnce(text, take);
          [lastStamp, lastHash, lastMessage] = [stamp, hash, ''];
        }
      }
    } catch (error) {
      if (!(error instanceof WorkstealError)) throw error;
      if (error instanceof InvalidContent) [lastStamp, lastHash] = [await stampNow(path).catch(() => ''), ''];
      if (error.message !== lastMessage && !signal.aborted)
        tell(`${error.message}; the plans that were filed before stay`);
      lastMessage = error.message;
    }
    await folder.next(checkMs);
  }
}

/** The content is invalid: trying again is useless until the file changes. */
class InvalidContent extends WorkstealError {}

async function takeOnce(text: string, take: Following['take']): Promise<void> {
  try {
    await take(text);
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'invalid')
      throw new InvalidContent('invalid', error.message, { ...error.details }, error);
    throw error;
  }
}

/** A text that differs whenever the file has changed. */
async function stampNow(path: string): Promise<string> {
  let facts: BigIntStats;
  try {
    facts = await stat(path, { bigint: true });
  } catch (error) {
    throw unreadable(path, error);
  }
  return [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
}

async function stampOf(path: string, signal: AbortSignal): Promise<{ stamp: string; stable: boolean }> {
  const stamp = await stampNow(path);
  await pause(SETTLE_MS, undefined, { signal }).catch(() => {});
  return { stamp, stable: !signal.aborted && (await stampNow(path)) === stamp };
}

/** Waits for a change in a folder, at most a given time. If the folder cannot be watched, waits that time. */
class FolderEvents {
  readonly #signal: AbortSignal;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(folder: string, signal: AbortSignal) {
    this.#signal = signal;
    const onChange = (): void => {
      this.#changed = true;
      this.#wake?.();
    };
    try {
      watch(folder, { signal }, onChange).on('error', () => {});
    } catch {
      // The folder does not exist yet, or the system has no watches left.
    }
    signal.addEventListener('abort', onChange, { once: true });
  }

  async next(ms: number): Promise<void> {
    if (!this.#changed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.#wake = resolve;
      if (this.#signal.aborted) resolve();
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    this.#changed = false;
  }
}
