/**
 * Pools, VIPs and lowered caps: a steal frees room in the pool that lacks it, exact to the micro (I1, I2;
 * docs/rules.md, 4).
 */
import { describe, expect, it } from 'vitest';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS } from '../../support/ledger.ts';

const ledgers = useLedgers();

/**
 * Crypto once, stock four times within a day, twice overnight, all under a total of four and two: equity
 * 1,000.
 */
const DAY = { WORK_STEALING_LEVERAGE: '4', WORK_STEALING_POOLS: 'crypto:1,stock:4' };
const NIGHT = { WORK_STEALING_LEVERAGE: '2', WORK_STEALING_POOLS: 'crypto:1,stock:2' };
const PRICES = { AAA: '11', BTC: '11', ETH: '11', TTT: '10', CCC: '10' };

describe('a thief that lacks only in its pool', () => {
  it('takes only from that pool, however bad the orders of the others', async () => {
    const account = await ledgers.account({ env: DAY });
    await account.prices(PRICES);
    await account.place(
      anOrder('stock').of('AAA').in('stock').worth(1_000).pnl('-9'),
      anOrder('none').of('AAA').worth(1_000).pnl('-99'),
      anOrder('coin').of('BTC').in('crypto').worth(999.999999).pnl('5'),
    );
    const thief = anOrder('t').of('CCC').in('crypto').worth(1_000).pnl('50');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'coin' }] });
    expect(await account.end('coin', 'cancelled')).toMatchObject({ steal: { state: 'granted' } });
    expect([await account.room('crypto'), await account.used()]).toEqual([0, 3_000_000_000]);
    await account.expectSound();
  });

  it('finds no candidate if only other pools have orders that may be taken', async () => {
    const account = await ledgers.account({ env: DAY });
    await account.prices(PRICES);
    await account.place(
      anOrder('stock').of('AAA').in('stock').worth(1_000).pnl('-9'),
      anOrder('probe').of('BTC').in('crypto').worth(1_000).probing(),
    );
    expect(await account.steal(anOrder('t').of('CCC').in('crypto').worth(500).pnl('50'))).toMatchObject({
      outcome: 'no_candidates',
    });
    expect(await account.order('stock')).toMatchObject({ state: 'working' });
  });
});

describe('a thief that lacks in both', () => {
  it('takes enough of its own pool, and of another only what total still lacks', async () => {
    const account = await ledgers.account({ env: NIGHT });
    await account.prices(PRICES);
    await account.place(
      anOrder('stock').of('AAA').in('stock').worth(1_000).pnl('0'),
      anOrder('b').of('BTC').in('crypto').worth(400).pnl('1'),
      anOrder('e').of('ETH').in('crypto').worth(600).pnl('2'),
    );
    const thief = anOrder('t').of('CCC').in('crypto').worth(500).pnl('50');
    expect(await account.steal(thief)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'e' }] });
    await account.end('e', 'cancelled');
    expect([await account.room(), await account.room('crypto')]).toEqual([100_000_000, 100_000_000]);
    expect(await account.order('t')).toMatchObject({ state: 'reserved', heldMicros: 500_000_000 });
    await account.expectSound();
  });

  it('is refused where its own pool frees too little, though total would be freed', async () => {
    const account = await ledgers.account({ env: NIGHT });
    await account.prices(PRICES);
    await account.place(
      anOrder('stock').of('AAA').in('stock').worth(1_000).pnl('0'),
      anOrder('b').of('BTC').in('crypto').worth(400).pnl('1'),
      anOrder('near').of('TTT').in('crypto').worth(600).pnl('2'),
    );
    expect(await account.steal(anOrder('t').of('CCC').in('crypto').worth(500).pnl('50'))).toMatchObject({
      outcome: 'insufficient_freed',
    });
    expect((await account.outbox()).length).toBe(0);
  });
});

describe('a VIP symbol', () => {
  it.each(['pnl', 'distance'] as const)(
    'is never a victim, however it ranks by %s and in whatever pool, and may itself steal',
    async (policy) => {
      const account = await ledgers.account({
        env: { ...NIGHT, WORK_STEALING_VIP_SYMBOLS: 'btc/usd,VVV', WORK_STEALING_POLICY: policy },
      });
      await account.prices({ BTCUSD: '20', ETH: '11', VVV: '30', CCC: '10' });
      await account.place(
        anOrder('vip').of('BTCUSD').in('crypto').worth(600).pnl('-100'),
        anOrder('e').of('ETH').in('crypto').worth(400).pnl('1'),
        anOrder('v').of('VVV').worth(1_000).pnl('-100'),
      );
      const thief = (id: string, symbol: string, dollars: number) =>
        account.steal(anOrder(id).of(symbol).in('crypto').worth(dollars).pnl('50'));
      expect(await thief('t1', 'CCC', 500)).toMatchObject({ outcome: 'insufficient_freed' });
      await account.prices({ VVV: '10' });
      expect(await thief('t2', 'VVV', 400)).toMatchObject({ outcome: 'stolen', victims: [{ id: 'e' }] });
      expect(await thief('t3', 'CCC', 100)).toMatchObject({ outcome: 'no_candidates' });
      await account.expectSound();
    },
  );
});

describe('a cap that was lowered', () => {
  it('cancels nothing, and admits nothing until all fits again; then to the last micro', async () => {
    const account = await ledgers.account({ env: DAY });
    await account.place(
      anOrder('a').of('AAA').in('stock').worth(2_500).pnl('1'),
      anOrder('b').of('BTC').in('crypto').worth(500).pnl('1'),
    );
    await account.admit(anOrder('reserved').in('stock').worth(10));
    await account.configure(NIGHT);
    expect([await account.room(), await account.room('stock'), await account.room('crypto')]).toEqual([
      -1_010e6, -510e6, 500e6,
    ]);
    expect(await account.order('a')).toMatchObject({ state: 'working' });
    // Not even what would fit in its own pool, nor what was reserved before and not yet sent.
    await account.prices(PRICES);
    expect(await account.admit(anOrder('c').of('CCC').in('crypto').worth(1))).toMatchObject({
      outcome: 'blocked',
    });
    expect(await submit(account.ledger, 'reserved', LEASE_MS)).toMatchObject({ outcome: 'over_cap' });
    // A thief would also have to free what exceeds the cap.
    expect(await account.steal(anOrder('t').of('CCC').in('crypto').worth(400).pnl('9'))).toMatchObject({
      outcome: 'stolen',
      victims: [{ id: 'a' }],
    });
    await account.end('a', 'cancelled');
    await account.expectSound();
    expect([await account.room(), await account.room('stock'), await account.room('crypto')]).toEqual([
      1_090e6, 1_990e6, 100e6,
    ]);
    expect(await account.admit(anOrder('d').of('CCC').in('stock').worth(1_090.000001))).toMatchObject({
      outcome: 'blocked',
    });
    expect(await account.admit(anOrder('d').of('CCC').in('stock').worth(1_090))).toMatchObject({
      outcome: 'fits',
    });
    await account.expectSound();
  });
});

describe('a pool that the account has not', () => {
  const held = [{ symbol: 'AAA', side: 'long', qty: '3', costMicros: 30_000_000, pool: '' }] as const;
  const exit = anOrder('x').selling().exiting().qty('3').in('crypto');

  it('keeps no exit: it needs no room', async () => {
    const account = await ledgers.account({ positions: held });
    expect(await account.steal(exit)).toMatchObject({ outcome: 'fits' });
    const other = await ledgers.account({ positions: held });
    await other.place(exit);
    expect(await other.order('x')).toMatchObject({ pool: '', heldMicros: 0 });
    await other.end('x', 'filled', '3');
    await other.expectSound();
  });

  it('is invalid, or a refusal for a host that sends its pools', async () => {
    const { ledger, admit: admitted } = await ledgers.account();
    const entry = anOrder('e').in('crypto');
    await expect(admitted(entry)).rejects.toMatchObject({ code: 'invalid' });
    expect(await admit(ledger, entry.wish, LEASE_MS, undefined, 'rule')).toMatchObject({
      outcome: 'disabled',
      numbers: { why: 'pools_differ' },
    });
  });
});
