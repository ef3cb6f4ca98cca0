/**
 * Somebody else in a process of its own: between `begin` and `end` it asks for room every ms, whether or not
 * the answer before has come. So its waits are those of somebody who comes at any moment. It gets none.
 */
import { openLedger } from '../src/ledger/ledger.ts';
import { admitAs } from './admissions.ts';
import { aWish } from './book.ts';
import { serve } from './child.ts';

const EVERY_MS = 1;

const [redisUrl = '', account = ''] = process.argv.slice(2);
const ledger = await openLedger(redisUrl, account);
const ids = { made: 0 };
let timer: NodeJS.Timeout | undefined;
let waits: Promise<number>[] = [];

async function wait(): Promise<number> {
  const wish = aWish(ids, { id: `bystander${ids.made}` });
  const began = performance.now();
  await admitAs('blocked', { ledger }, wish);
  return (performance.now() - began) * 1_000;
}

serve(redisUrl, {
  begin() {
    waits = [];
    timer = setInterval(() => waits.push(wait()), EVERY_MS);
    return true;
  },
  /** Its waits, in us. */
  end() {
    clearInterval(timer);
    return Promise.all(waits);
  },
});
