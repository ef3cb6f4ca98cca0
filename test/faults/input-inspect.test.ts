/**
 * The scripts of `redis-cli --eval lua/redis-cli/…` with malformed arguments: they answer with their usage or
 * with what does not exist, and never fail. On a damaged book, too, they answer or say that it is damaged.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkstealError } from '../../src/domain/errors.ts';
import { type Question, readValues } from '../../src/inspection/reading.ts';
import { key } from '../../src/ledger/keys.ts';
import { SCRIPTS, scriptFile } from '../support/inspection.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { spoilCall } from './input/spoil-call.ts';
import { Tally } from './input/tally.ts';

const RIGHT = {
  status: [['10'], ['json'], ['100', 'view']],
  plans: [
    ['waiting', 'AAA', 'strategy:s', 'refused', '10'],
    ['ended', 'json'],
  ],
  steals: [['granted', 'AAA', '10'], ['json']],
  regret: [
    ['AAA', '10'],
    ['5', 'json'],
  ],
  orders: [
    ['working', 'AAA', '10'],
    ['ended', 'json'],
  ],
  fights: [
    ['AAA', '10'],
    ['5', 'json'],
  ],
  waiting: [
    ['AAA', '10'],
    ['5', 'json'],
  ],
  why: [['working1'], ['pending', 'json'], ['waiting', 'view'], ['AAA', 'json'], ['TTT>VVV#pending']],
  audit: [['1000'], ['10', 'json']],
} as const;

let book: AttackedBook;
beforeAll(async () => {
  book = await attackedBook();
});
afterAll(() => book.close());

describe('malformed words', () => {
  it.each(SCRIPTS)('of %s are answered with a sentence', async (script) => {
    const { redis, account } = book.account.ledger;
    const chance = chanceOf(`inspect ${script}`);
    const text = readFileSync(scriptFile(script), 'utf8');
    const sha = (await redis.script('LOAD', text)) as string;
    const tally = new Tally();
    const ask = async (words: readonly (string | Buffer)[]): Promise<void> => {
      try {
        await redis.call('EVALSHA_RO', sha, 1, key(account, 'account'), ...words);
        tally.count('shown');
      } catch (error) {
        const { message } = error as Error;
        if (!/^(USAGE|UNKNOWN) \P{Cc}{5,1000}$/u.test(message))
          expect.fail(
            `${script} ${JSON.stringify(words.map(String)).slice(0, 500)}: ${message.slice(0, 1_000)}`,
          );
        tally.count('refused');
      }
    };
    while (tally.of('refused') < CALLS / 20 && tally.all < CALLS) {
      await Promise.all(
        Array.from({ length: 50 }, () =>
          ask(spoilCall(chance.pick<readonly string[]>(RIGHT[script]), chance)),
        ),
      );
    }
    expect(tally.of('refused'), `${tally}`).toBeGreaterThanOrEqual(CALLS / 20);
    expect(await book.witness.changed()).toEqual([]);
  });
});

describe('a key that is deleted, or of another type', () => {
  it.each(SCRIPTS)('%s shows the rest, or says that the book is damaged', async (script) => {
    const { account, witness } = book;
    const { redis } = account.ledger;
    for (const name of Object.keys(await account.keyspace())) {
      const spoiled = key(account.name, name);
      for (const isGone of [true, false]) {
        await witness.restore();
        const isHash = (await redis.type(spoiled)) === 'hash';
        await redis.del(spoiled);
        if (!isGone) await (isHash ? redis.sadd(spoiled, 'odd') : redis.hset(spoiled, 'odd', '1'));
        for (const words of RIGHT[script]) {
          const question: Question = { script, words: words.filter((word) => word !== 'json') };
          const code = await readValues(account.ledger, question).then(
            () => 'shown',
            (error: WorkstealError) => error.code,
          );
          expect(['shown', 'damaged', 'unknown'], `${name} ${isGone ? 'gone' : 'odd'}`).toContain(code);
        }
      }
    }
    await witness.restore();
  });
});
