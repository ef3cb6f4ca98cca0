import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

/**
 * Resolves with whether it came so within the limit. What can't be asked (Redis or the broker is away) is not
 * so yet.
 */
export async function happens(so: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const untilMs = performance.now() + limitMs;
  while (performance.now() < untilMs) {
    if (
      await Promise.resolve()
        .then(so)
        .catch(() => false)
    )
      return true;
    await sleep(LOOK_MS);
  }
  return false;
}
