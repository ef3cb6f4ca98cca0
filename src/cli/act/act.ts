/**
 * What `cancel`, `withdraw` and `close` have in common: a table of what would be stopped, a question, one
 * step of the ledger for each, and the wait until the broker has confirmed it. Each step may be repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** `sizeMicros`: what it holds, or would hold. `atBroker`: an order or a position of it is there. */
export type Target = {
  kind: 'order' | 'plan' | 'position';
  id: string;
  symbol: string;
  what: string;
  sizeMicros: number;
  atBroker: boolean;
};

/** `done`: nothing is left to do. `open`: it was asked for, and goes on. `left`: nobody will do it. */
export type Standing = { state: 'done' | 'open' | 'left'; words: string };

export type Stopped = { target: Target; standing: Standing };

export type Act = {
  verb: 'cancel' | 'withdraw' | 'close';
  targets: readonly Target[];
  /** What will happen besides, as sentences. */
  notes: readonly string[];
  /** Asks for it where that was not done yet, and says where it is. Called until it is no longer open. */
  step(target: Target): Promise<Standing>;
  /** Why it may take longer, as a sentence; undefined if nothing is known. */
  delay(open: readonly Stopped[]): Promise<string | undefined>;
};

const POLL_MS = 250;
/** Ledger steps at once. */
const BATCH = 50;

/**
 * Carries the act out, and waits until nothing is open, at most so long. Reports each change of progress.
 * @throws WorkstealError what a step throws
 */
export async function carryOut(
  act: Act,
  timeoutMs: number,
  onProgress: (text: string) => void,
): Promise<Stopped[]> {
  const endMs = performance.now() + timeoutMs;
  let all: Stopped[] = act.targets.map((target) => ({ target, standing: { state: 'open', words: 'asked' } }));
  let said = '';
  for (;;) {
    const next: Stopped[] = [];
    for (let at = 0; at < all.length; at += BATCH)
      next.push(...(await Promise.all(all.slice(at, at + BATCH).map((one) => again(act, one)))));
    all = next;
    const open = all.filter(({ standing }) => standing.state === 'open');
    const isLast = open.length === 0 || performance.now() >= endMs;
    const text = isLast ? '' : await progress(act, all.length, open);
    if (text !== '' && text !== said) onProgress(text);
    said = text;
    if (isLast) return all;
    await sleep(POLL_MS);
  }
}

async function again(act: Act, one: Stopped): Promise<Stopped> {
  if (one.standing.state !== 'open') return one;
  return { target: one.target, standing: await act.step(one.target) };
}

async function progress(act: Act, count: number, open: readonly Stopped[]): Promise<string> {
  const delay = await act.delay(open);
  const [{ target, standing } = { target: undefined, standing: undefined }] = open;
  return (
    `${act.verb}: ${count - open.length} of ${count} done; ${target?.id}: ${standing?.words}` +
    (delay === undefined ? '' : `; ${delay}`)
  );
}
