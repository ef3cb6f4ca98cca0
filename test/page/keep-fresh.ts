/** Stands in for a fleet on a clock that runs: prices, heartbeats and reconciliations, twice a second. */
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { tick } from '../../src/ledger/commands/tick.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { heartbeats } from './scenes.ts';

const EVERY_MS = 500;

/** Until the returned function is called. */
export async function keepFresh(
  ledger: Ledger,
  { synced }: { synced: boolean },
): Promise<() => Promise<void>> {
  const { redis, account } = ledger;
  const once = async (): Promise<void> => {
    const quotes = Object.entries(await redis.hgetall(key(account, 'quotes'))).map(([symbol, text]) => {
      const [price = '0'] = text.split(' ');
      return { symbol, price, ageMs: 0 };
    });
    if (quotes.length > 0) await tick(ledger, quotes);
    await heartbeats(ledger);
    await sweep(ledger, 100);
    if (synced) await redis.hset(key(account, 'account'), 'synced_at_ms', String(Date.now()));
  };
  await once();
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(once);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
