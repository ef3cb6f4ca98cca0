/**
 * Malformed values passed to the typed commands, as a faulty program would pass them despite the compiler: a
 * WorkstealError `invalid`, never a TypeError, and never silently another call.
 */
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkstealError } from '../../src/domain/errors.ts';
import { scriptNames } from '../../src/ledger/scripts.ts';
import { attack } from './input/attack.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { TYPED_CALLS } from './input/typed-calls.ts';

/**
 * `configure` takes settings that were read (input-settings.test.ts), `keeper-note` whatever words there are,
 * shortened; the others nothing, or a page's size.
 */
const WITHOUT = ['accept', 'audit', 'configure', 'keeper-note', 'mend', 'snapshot'];

let book: AttackedBook;
beforeAll(async () => {
  book = await attackedBook();
});
beforeEach(() => book.witness.restore());
afterAll(() => book.close());

describe('malformed values', () => {
  it('are tried in every typed command', () => {
    const tried = new Set(TYPED_CALLS.map(({ command }) => command));
    expect(scriptNames().filter((name) => !tried.has(name))).toEqual(WITHOUT);
  });

  it.each(TYPED_CALLS.map(({ command }, at) => [command, at] as const))(
    'in %s are refused and change nothing',
    async (command, at) => {
      const { account, witness } = book;
      const chance = chanceOf(`typed ${command} ${at}`);
      const { parameters, run } = TYPED_CALLS[at] as (typeof TYPED_CALLS)[number];
      const show = (spoiled: object): string =>
        `${command} ${inspect(spoiled, { depth: 5, maxStringLength: 80 })}`;
      const send = async (spoiled: object): Promise<string> => {
        try {
          const answer = await run(account.ledger, spoiled);
          return typeof answer === 'string' && answer === 'unknown' ? 'unknown' : 'right';
        } catch (error) {
          if (error instanceof WorkstealError && ['invalid', 'contradiction', 'unknown'].includes(error.code))
            return error.code;
          throw new Error(`${show(spoiled)}: ${(error as Error).stack}`);
        }
      };
      const next = () => spoilLeaves(parameters, chance);
      await attack({ account, witness, next, send, show, refusals: Math.ceil(CALLS / 25) });
    },
  );
});
