/** Many accounts of one server over one connection: each admits, and nothing else is in it. */
import { assert } from '../src/domain/errors.ts';
import { notionalMicros } from '../src/domain/money.ts';
import { admit } from '../src/ledger/commands/admit.ts';
import { configure } from '../src/ledger/commands/configure.ts';
import { release } from '../src/ledger/commands/release.ts';
import { sync } from '../src/ledger/commands/sync.ts';
import { tick } from '../src/ledger/commands/tick.ts';
import { type Ledger, ledgerOn } from '../src/ledger/ledger.ts';
import { readSettings } from '../src/rules/settings.ts';
import { aWish, LEASE_MS, RULES } from './book.ts';
import { perSecond } from './measure.ts';

/** Pairs under way at once. */
const WIDTH = 64;
const HOUR_MS = 3_600_000;
const EQUITY = notionalMicros('100', '10000');
const SYMBOL = 'AAPL';

/** Makes accounts with these names on the server of `first`, with equity and a price. */
export async function openAccounts(first: Ledger, names: readonly string[]): Promise<Ledger[]> {
  const { settings } = readSettings(RULES);
  const [seconds] = await first.redis.time();
  // Each account listens once.
  first.redis.setMaxListeners(names.length + 100);
  const ledgers = names.map((name) => ledgerOn(first.redis, name, { functions: first.functions }));
  await perSecond(ledgers, WIDTH, async (ledger) => {
    await configure(ledger, settings, HOUR_MS);
    await sync(ledger, EQUITY, Number(seconds) * 1_000, []);
    await tick(ledger, [{ symbol: SYMBOL, price: '100', ageMs: 0 }]);
  });
  return ledgers;
}

/** Of all accounts. */
const ids = { made: 0 };

/** Admissions and their releases a second, `pairs` of them, one account after the other. */
export async function pairRate(ledgers: readonly Ledger[], pairs: number): Promise<number> {
  const turns = Array.from({ length: pairs }, (_, at) => ledgers[at % ledgers.length] as Ledger);
  return await perSecond(turns, WIDTH, async (ledger) => {
    const wish = aWish(ids, { symbol: SYMBOL });
    const { outcome } = await admit(ledger, wish, LEASE_MS);
    assert(outcome === 'fits', `an admission of ${ledger.account} answered ${outcome}`);
    await release(ledger, wish.id, 'bench');
  });
}
