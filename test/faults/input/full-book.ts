/**
 * An account with everything that a command may find: orders and plans in each state, a steal in progress,
 * history, hosts.
 */
import { adopt } from '../../../src/ledger/commands/adopt.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { noteHost } from '../../../src/ledger/commands/hosts.ts';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import { claimPlans, filePlan, notePlan, type Plan } from '../../../src/ledger/commands/plans.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { anOrder, LEASE_MS, NOW_MS, type TestAccount } from '../../support/ledger.ts';

export const aPlan = (id: string): Plan => ({
  id,
  symbol: 'AAA',
  side: 'buy',
  mode: 'normal',
  limit: '10',
  qty: '1',
  pnl: '1',
  pool: '',
  takeProfit: '11',
  startsAtMs: 0,
  expiresAtMs: 0,
  holdMs: 0,
  strategy: 's',
});

/**
 * Orders: `working1`, `working2`, `partly` (half filled), `cancelling`, `reserved`, `sent`, `external`,
 * `ended`, the thief `pending` and its victim `victim`. Plans: `waiting`, `claimed` and `holding` (of
 * `host`), `done`; the place `s DDD buy`. There is room for 100 dollars.
 */
export async function fillBook(account: TestAccount): Promise<void> {
  const { ledger } = account;
  await account.prices({ AAA: '11', BBB: '12', CCC: '11', DDD: '9', VVV: '15', TTT: '10', BTCUSD: '11' });
  const place = (id: string, symbol: string, pnl = '5'): Promise<void> =>
    account.place(anOrder(id).of(symbol).worth(500).pnl(pnl));
  await place('working1', 'AAA');
  await account.place(anOrder('working2').of('BTCUSD').in('crypto').worth(500).pnl('4'));
  await place('partly', 'BBB');
  await fill(ledger, 'partly', '25', 250_000_000);
  await place('cancelling', 'CCC');
  await cancel(ledger, 'cancelling', 'test');
  await place('victim', 'VVV', '1');
  await account.admit(anOrder('reserved').of('DDD').worth(300));
  await account.admit(anOrder('sent').of('DDD').worth(300));
  await submit(ledger, 'sent', LEASE_MS);
  await account.admit(anOrder('ended').of('DDD').worth(100));
  await release(ledger, 'ended', 'test');
  const external = {
    id: 'external',
    brokerId: 'b',
    symbol: 'EEE',
    side: 'sell',
    limit: '10',
    qty: '10',
  } as const;
  await adopt(
    ledger,
    { ...external, filledQty: '0', filledMicros: 0, pool: '', reducing: false },
    account.healthMs(),
  );
  await account.steal(anOrder('pending').of('TTT').worth(600).pnl('50'));
  await remember(ledger, { id: 'past', thiefSymbol: 'AAA', victimSymbol: 'CCC', atMs: NOW_MS - 60_000 });
  for (const id of ['done', 'claimed', 'holding']) await filePlan(ledger, aPlan(id));
  await claimPlans(ledger, 'host', LEASE_MS, 10);
  await notePlan(ledger, 'host', { id: 'holding', stage: 'holding', attempt: 1, exitAttempt: 0 });
  await notePlan(ledger, 'host', { id: 'done', stage: 'done', attempt: 1, exitAttempt: 1, reason: 'closed' });
  await filePlan(ledger, aPlan('waiting'));
  await replacePlan(ledger, { ...aPlan('placed'), symbol: 'DDD', terms: 'terms1' });
  const watching = {
    session: { open: true, untilMs: NOW_MS },
    tiers: [],
    cryptos: [{ symbol: 'BTCUSD', pnl: '4' }],
  };
  await noteHost(ledger, { host: 'other', role: 'watch', fingerprint: 'f', watching });
}
