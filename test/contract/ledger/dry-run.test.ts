/**
 * A dry run, of one account or of all, decides and reports everything, but cancels nothing, counts nothing
 * and admits nothing above the cap.
 */
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runCommand, runScript } from '../../support/inspection.ts';
import { anOrder, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

const DRY = { WORK_STEALING_DRY_RUN: '1' };
const thief = anOrder('t').of('TTT').worth(500).pnl('10').plan('p');

async function aFullAccount(env = {}): Promise<TestAccount> {
  const account = await ledgers.account({ env });
  await account.prices({ AAA: '11', TTT: '10' });
  await account.place(anOrder('a').worth(1_000));
  return account;
}

describe('a dry run', () => {
  it('is of the account that was set so; another on the same Redis steals', async () => {
    const [dry, real] = [await aFullAccount(DRY), await aFullAccount()];
    const before = await dry.book();
    expect(await dry.steal(thief)).toMatchObject({ outcome: 'dry_run', victims: [{ id: 'a' }] });
    expect(await dry.book()).toEqual(before);
    expect([await dry.outbox(), (await dry.order('a')).state]).toEqual([[], 'working']);
    expect(await real.steal(thief)).toMatchObject({ outcome: 'stolen' });
  });

  it('still admits what fits', async () => {
    const account = await ledgers.account({ env: DRY });
    expect(await account.admit(thief)).toMatchObject({ outcome: 'fits' });
  });

  it('is in the history as what it is: its order, its would-be victims, how often it was asked', async () => {
    const account = await aFullAccount(DRY);
    await account.steal(thief);
    await account.advance(1_000);
    await account.steal(thief);
    const { steals } = JSON.parse(await runScript(account, 'steals', ['json']));
    expect(steals).toMatchObject([
      {
        atMs: NOW_MS + 1_000,
        thief: 't',
        thiefSymbol: 'TTT',
        thiefPnl: '10',
        state: 'dry_run',
        victims: [{ order: 'a', symbol: 'AAA', pnl: '0', heldMicros: 1_000_000_000 }],
      },
    ]);
    expect(await runCommand(ledgers.url, account.name, 'steals', ['AAA'])).toMatch(
      /dry_run .* nothing was cancelled; asked 2 times/,
    );
    expect(await runScript(account, 'steals', ['MSFT'])).toContain('(none)');
    const status = JSON.parse(await runScript(account, 'status', ['json']));
    expect(status).toMatchObject({ stealing: 'dry run', dryRunsLastHour: 1, stealsLastHour: 0 });
  });

  it('counts for no fight and no cooldown when it is over', async () => {
    const account = await aFullAccount(DRY);
    for (let i = 0; i < 3; i += 1) await account.steal(thief);
    await account.configure({});
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen', wouldFight: [] });
    expect(JSON.parse(await runScript(account, 'steals', ['json'])).steals).toMatchObject([
      { state: 'pending' },
      { state: 'dry_run' },
    ]);
  });

  it('is forgotten with the history', async () => {
    const account = await aFullAccount(DRY);
    await account.steal(thief);
    await account.advanceLedger(3_600_000);
    await sweep(account.ledger, 100);
    const kept = async () =>
      Object.keys(await account.keyspace()).filter((name) => name.startsWith('dry_run'));
    expect(await kept()).toEqual(['dry_run:t', 'dry_runs']);
    await account.advanceLedger(1);
    await sweep(account.ledger, 100);
    expect(await kept()).toEqual([]);
  });
});
