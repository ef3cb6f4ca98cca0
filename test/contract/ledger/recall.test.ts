/**
 * lua/recall.lua, and how admit and steal use it: after a loss of the ledger no plan is started twice (I6).
 */
import { describe, expect, it } from 'vitest';
import { recall } from '../../../src/ledger/commands/recall.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, expectNoEffect, failure } from '../../support/ledger.ts';

const ledgers = useLedgers();

describe('a ledger that knows which orders the broker has had', () => {
  it('admits no order below the latest of its series, and says which that is', async () => {
    const account = await ledgers.account();
    expect(await recall(account.ledger, ['p_2', 'p_10', 'p_9', 'q_x1'])).toBe('recalled');
    expect(await account.admit(anOrder('p_9'))).toEqual({ outcome: 'superseded', by: 'p_10' });
    expect(await account.admit(anOrder('q_x0').exiting())).toEqual({ outcome: 'superseded', by: 'q_x1' });
    expect(await account.used()).toBe(0);
    await account.expectSound();
  });

  it('does not begin the latest itself a second time either', async () => {
    const account = await ledgers.account();
    await recall(account.ledger, ['p_2', 'q_x1']);
    expect(await account.admit(anOrder('p_2'))).toEqual({ outcome: 'superseded', by: 'p_2' });
    expect(await account.admit(anOrder('q_x1').exiting())).toEqual({ outcome: 'superseded', by: 'q_x1' });
    await account.expectSound();
  });

  it('admits later ones, and those of other series', async () => {
    const account = await ledgers.account();
    await recall(account.ledger, ['p_2', 'q_x1']);
    for (const id of ['p_3', 'q_1', 'q_x2', 'r_1', 'by-hand'])
      expect(await account.admit(anOrder(id).worth(10))).toMatchObject({ outcome: 'fits' });
  });

  it('steals nothing for an order below the latest of its series', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(1_000));
    await recall(account.ledger, ['t_2']);
    expect(await account.steal(anOrder('t_1').of('TTT').pnl('10'))).toEqual({
      outcome: 'superseded',
      by: 't_2',
    });
    expect(await account.order('a')).toMatchObject({ state: 'working' });
  });

  it('answers as usual for an order that it knows', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('p_1'));
    await recall(account.ledger, ['p_2']);
    expect(await account.admit(anOrder('p_1'))).toEqual({ outcome: 'exists', state: 'reserved' });
  });

  it('forgets the previous list when it gets a new one', async () => {
    const account = await ledgers.account();
    await recall(account.ledger, ['p_2']);
    const again = async () =>
      await recall(
        account.ledger,
        Array.from({ length: 2_500 }, (_, at) => `q${at}_7`),
      );
    await again();
    expect(await account.admit(anOrder('p_1'))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(anOrder('q2499_6'))).toMatchObject({ outcome: 'superseded' });
    expect(await expectNoEffect(account, again)).toEqual(['recalled', 'recalled']);
    await recall(account.ledger, []);
    expect(await account.admit(anOrder('q2499_6').worth(10))).toMatchObject({ outcome: 'fits' });
  });

  it('takes no id that could break out of a key', async () => {
    const account = await ledgers.account();
    const before = await account.keyspace();
    expect(await failure(recall(account.ledger, ['p_1', 'p:{x}_2']))).toMatchObject({
      code: 'invalid',
      details: { field: 'id' },
    });
    expect(await account.keyspace()).toEqual(before);
    expect(await recall(await ledgers.bare(), ['p_1'])).toBe('unknown');
  });
});
