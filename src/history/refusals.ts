/**
 * Refusals by reason in steps of time. The ledger keeps the last refusal of each plan, and how often it was
 * refused: what is more than at the last look was refused meanwhile.
 */
import { REFUSALS, type Refusal } from '../domain/outcome.ts';
import type { Refused } from '../json/history.ts';
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

const BATCH = 100;

/** `times`: since its first refusal of the hour. `atMs`: ledger time of the last. */
export type LastRefusal = { id: string; reason: Refusal; times: number; atMs: number };

/** The last refusals of these plans or orders; those without one, or gone meanwhile, are left out. */
export async function readRefusals(
  { redis, account }: Ledger,
  ids: readonly string[],
): Promise<LastRefusal[]> {
  const found: LastRefusal[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const some = ids.slice(from, from + BATCH);
    const asked = some.map((id) => redis.hmget(key(account, `refusal:${id}`), 'reason', 'times', 'at_ms'));
    const answers = await answerOf('refusals', Promise.all(asked));
    for (const [at, [reason, times, atMs]] of answers.entries())
      if (isReason(reason))
        found.push({ id: some[at] as string, reason, times: Number(times ?? 1), atMs: Number(atMs ?? 0) });
  }
  return found;
}

function isReason(word: string | null | undefined): word is Refusal {
  return (REFUSALS as readonly string[]).includes(word ?? '');
}

export class RefusalSteps {
  readonly #stepMs: number;
  readonly #steps = new Map<number, Map<Refusal, number>>();

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  /** @param atMs the server's time */
  add(atMs: number, reason: Refusal, count: number): void {
    if (!(count > 0)) return;
    const begins = Math.floor(atMs / this.#stepMs) * this.#stepMs;
    const step = this.#steps.get(begins) ?? new Map<Refusal, number>();
    this.#steps.set(begins, step);
    step.set(reason, (step.get(reason) ?? 0) + count);
  }

  /** Forgets the steps that ended before. */
  since(ms: number): void {
    for (const begins of this.#steps.keys()) if (begins + this.#stepMs <= ms) this.#steps.delete(begins);
  }

  clear(): void {
    this.#steps.clear();
  }

  /** The oldest first; steps without a refusal are left out. */
  steps(): Refused[] {
    return [...this.#steps]
      .sort(([a], [b]) => a - b)
      .map(([atMs, counts]) => ({
        atMs,
        reasons: REFUSALS.flatMap((reason) => {
          const count = counts.get(reason);
          return count === undefined ? [] : [{ reason, count }];
        }),
      }));
  }
}
