/** src/gateway/orders/posting.ts: what becomes of a request whose order may be at the broker. */
import { expect, it } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { alone } from '../../src/gateway/orders/posting.ts';
import { unclear } from '../../src/gateway/refusals.ts';
import { ledgerIdOf } from '../../src/ledger/bot-ids.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { useLedgers } from '../support/fixtures.ts';

const ledgers = useLedgers();
/** Too long to stand in the ledger: it is kept beside it. */
const CLIENT_ID = 'a'.repeat(100);

it('an order that may be at the broker is unclear, also where the ledger is gone by then', async () => {
  const account = await ledgers.account();
  const ledger = await openLedger(ledgers.url, account.name);
  const gateway = { door: { ledger, leaseMs: 1_000 }, settings: { waitMs: 1_000 } } as unknown as Gateway;
  const naming = {
    bot: { name: 'bot' } as Parameters<typeof alone>[1]['bot'],
    id: ledgerIdOf('bot', CLIENT_ID),
    clientId: CLIENT_ID,
  };
  const posting = alone(gateway, naming, async () => {
    await ledger.close();
    throw unclear();
  });
  await expect(posting).rejects.toMatchObject({ status: 500 });
});
