/** The full book on its own Redis, with a witness of all its bytes. */
import type { EmbeddedRedis } from '../../../src/redis/embedded.ts';
import { type TestAccount, type TestLedgers, testLedgers } from '../../support/ledger.ts';
import { startPrivateRedis } from '../../support/redis.ts';
import { fillBook } from './full-book.ts';
import { Witness } from './witness.ts';

export type AttackedBook = {
  redis: EmbeddedRedis;
  ledgers: TestLedgers;
  account: TestAccount;
  witness: Witness;
  close(): Promise<void>;
};

export async function attackedBook(): Promise<AttackedBook> {
  const redis = await startPrivateRedis();
  const ledgers = testLedgers(redis.url);
  const account = await ledgers.account({ equity: '2800', env: { WORK_STEALING_POOLS: 'crypto:1' } });
  await fillBook(account);
  await account.expectSound();
  const witness = await Witness.of(account.ledger.redis);
  const close = async (): Promise<void> => {
    await ledgers.close();
    await redis.close();
  };
  return { redis, ledgers, account, witness, close };
}
