/**
 * Sends batches of malformed calls to a ledger that no other client uses. If a batch contains a call that is
 * valid after all, the book is restored and the refused calls are sent again: refused calls alone must not
 * change a byte.
 */
import { expect } from 'vitest';
import type { TestAccount } from '../../support/ledger.ts';
import { Tally } from './tally.ts';
import type { Witness } from './witness.ts';

/** Answers that say: nothing was changed (src/domain/errors.ts). */
export const REFUSED: readonly string[] = ['invalid', 'contradiction', 'unknown'];

/**
 * Calls that contradict one another would be right one after the other, each once those before it are set
 * apart: from the third wave on only what is invalid goes on, and from the fifth on half of that.
 */
const WAVES = { invalid: 3, half: 5 };

export type Attack<Call> = {
  account: TestAccount;
  witness: Witness;
  /** The next malformed call. */
  next: () => Call;
  /** Sends it; its outcome. Throws where that is none that is promised. */
  send: (call: Call) => Promise<string>;
  show: (call: Call) => string;
  /** Ends after so many refusals. */
  refusals: number;
  batch?: number;
};

export async function attack<Call>({
  account,
  witness,
  next,
  send,
  show,
  refusals,
  batch = 1_000,
}: Attack<Call>): Promise<Tally> {
  const tally = new Tally();
  while (tally.of(...REFUSED) < refusals && tally.all < 6 * refusals) {
    let calls = Array.from({ length: Math.min(batch, refusals) }, next);
    for (let wave = 1, untouched = false; !untouched; wave += 1) {
      const outcomes = await Promise.all(calls.map(send));
      const refused = calls.filter((_, at) => REFUSED.includes(outcomes[at] ?? ''));
      untouched = refused.length === calls.length;
      for (const outcome of outcomes) if (untouched || !REFUSED.includes(outcome)) tally.count(outcome);
      const changed = await witness.changed();
      if (untouched && changed.length > 0)
        expect.fail(`refused, and yet ${changed} changed, by one of\n${calls.map(show).join('\n')}`);
      if (changed.length > 0) {
        await account.expectSound(); // what was right after all left a sound book (I2)
        await witness.restore();
      }
      const left = wave + 1 < WAVES.invalid ? refused : calls.filter((_, at) => outcomes[at] === 'invalid');
      calls = wave + 1 < WAVES.half ? left : left.filter((_, at) => at % 2 === 0);
    }
  }
  expect(tally.of(...REFUSED), `${tally}`).toBeGreaterThanOrEqual(refusals);
  return tally;
}
