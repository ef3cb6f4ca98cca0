/**
 * Runs as its own process: takes an account's steal mutex, stops itself by a signal while it holds the lock,
 * and commits its steal when continued. Arguments: the Redis URL, the account, the wish as JSON, the mutex's
 * ttl in ms. Prints `held`, then the steal's outcome.
 */
import type { OrderWish } from '../../src/domain/order.ts';
import { steal } from '../../src/ledger/commands/steal.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';

const [url = '', account = '', wish = '', ttlMs = ''] = process.argv.slice(2);
const ledger = await openLedger(url, account);
const held = await redlockMutex([ledger.redis]).acquire(key(account, 'mutex'), Number(ttlMs));
process.stdout.write('held\n');
process.kill(process.pid, 'SIGSTOP');
const { outcome } = await steal(ledger, JSON.parse(wish) as OrderWish, 60_000, held.value);
process.stdout.write(`${outcome}\n`);
await held.release();
await ledger.close();
