/** A test account's events, as if they had happened when its own clock says, and not within a second. */
import { key } from '../../src/ledger/keys.ts';
import type { TestAccount } from './ledger.ts';

/** @param endMs the server's time that the account's present stands for */
export async function spreadEvents({ ledger, nowMs }: TestAccount, endMs: number): Promise<void> {
  const stream = key(ledger.account, 'events');
  const entries = await ledger.redis.xrange(stream, '-', '+');
  await ledger.redis.del(stream);
  const ledgerMs = entries.map(([, flat]) => Number(flat[flat.indexOf('at_ms') + 1]));
  for (const [at, [, flat]] of entries.entries()) {
    // The first events are older than the account's own clock.
    const agoMs = nowMs() - Math.min(...ledgerMs.slice(at));
    await ledger.redis.xadd(stream, `${endMs - agoMs}-${at}`, ...flat);
  }
}
