/** Looks at a file again and again, and says when it has changed. */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 500;

/**
 * Calls `onChange` after each change of the file until the signal aborts; `gone`: there is none now. Resolves
 * once it looks.
 */
export async function followFile(
  file: string,
  signal: AbortSignal,
  onChange: (gone: boolean) => void,
): Promise<void> {
  let seen = await lookAt(file);
  void (async () => {
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
      const now = await lookAt(file);
      if (signal.aborted || now === seen) continue;
      seen = now;
      onChange(now === 'gone');
    }
  })();
}

/** Changes whenever the file does. */
async function lookAt(file: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(file);
    return [mtimeMs, ctimeMs, size, ino].join(' ');
  } catch {
    return 'gone';
  }
}
