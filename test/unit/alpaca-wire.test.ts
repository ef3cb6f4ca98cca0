import { describe, expect, it } from 'vitest';
import { AccountAnswer, decode, OrderAnswer, PositionsAnswer, QuotesAnswer, StreamFrame, stateOf } from '../../src/broker/alpaca/wire.ts';
import { cryptoPair, isCryptoSymbol } from '../../src/domain/symbol.ts';
import { wireOrder } from '../support/scripted-alpaca.ts';

describe("Alpaca's answers", () => {
  it.each([
    ['filled', 'filled'],
    ['canceled', 'cancelled'],
    ['replaced', 'cancelled'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ])('the status %s is the end %s', (status, state) => expect(stateOf(status)).toBe(state));

  it.each([
    ...['accepted', 'pending_new', 'accepted_for_bidding', 'held', 'new', 'partially_filled', 'pending_cancel', 'pending_replace'],
    ...['done_for_day', 'stopped', 'suspended', 'calculated', 'a_status_of_next_year'],
  ])('the status %s is live: it may fill or holds buying power', (status) => expect(stateOf(status)).toBe('live'));

  it('a cancelled order keeps what it had filled', () => {
    const order = OrderAnswer.parse(wireOrder({ status: 'canceled', filled_qty: '3.5', filled_avg_price: '180.25' }));
    expect(order).toEqual({
      id: 'order-1',
      brokerId: 'broker-1',
      symbol: 'AAPL',
      side: 'buy',
      limit: '180.5',
      qty: '10',
      filledQty: '3.5',
      filledAvgPrice: '180.25',
      state: 'cancelled',
      status: 'canceled',
    });
  });

  it.each(['BTC/USD', 'BTCUSD'])('a crypto order spelled %s is of the symbol BTCUSD', (symbol) =>
    expect(OrderAnswer.parse(wireOrder({ symbol })).symbol).toBe('BTCUSD'),
  );

  it.each(['', 'a b', 'a\n', '\u001b[2J', 'é', 'x'.repeat(129)])('an order that the broker calls %j can not be read', (id) =>
    expect(decode(OrderAnswer, wireOrder({ id })).kind).toBe('odd'),
  );

  it('an order for an amount has the quantity that its limit implies, rounded up, and tells the amount', () => {
    const order = OrderAnswer.parse(wireOrder({ qty: null, notional: '100', limit_price: '3' }));
    expect(order).toMatchObject({ qty: '33.333333334', notionalMicros: 100_000_000 });
  });

  it('an order for an amount without a limit has the quantity that filled, and tells the amount', () => {
    const order = OrderAnswer.parse(wireOrder({ qty: null, notional: '100', limit_price: null, filled_qty: '0.5' }));
    expect(order).toMatchObject({ qty: '0.5', filledQty: '0.5', limit: null, notionalMicros: 100_000_000 });
  });

  it('more decimals than can be counted are rounded to the safe side: the filled part down, prices up', () => {
    const order = OrderAnswer.parse(wireOrder({ filled_qty: '1.1234567899', filled_avg_price: '2.0000000001' }));
    expect(order).toMatchObject({ filledQty: '1.123456789', filledAvgPrice: '2.000000001' });
  });

  it.each([
    ['a quantity that is a number', { qty: 10 }],
    ['a limit in words', { limit_price: 'market' }],
    ['no side', { side: '' }],
    ['a symbol that could break out of a key', { symbol: 'A}B{' }],
    ['no id', { id: undefined }],
  ])('an order with %s is not read', (_, fields) => expect(decode(OrderAnswer, wireOrder(fields)).kind).toBe('odd'));

  it("a short position's quantity is negative, its cost is not, and is rounded up", () => {
    const wire = {
      symbol: 'TSLA',
      qty: '-3',
      side: 'short',
      cost_basis: '-600.0000001',
      avg_entry_price: '200.00000003333',
      asset_class: 'us_equity',
    };
    expect(PositionsAnswer.parse([wire])).toEqual([
      { symbol: 'TSLA', qty: '-3', costMicros: 600_000_001, avgEntryPrice: '200.000000034', assetClass: 'stock' },
    ]);
  });

  it('a short position told by its side alone is negative too', () => {
    const wire = { symbol: 'TSLA', qty: '3', side: 'short', cost_basis: '600', avg_entry_price: '200', asset_class: 'us_equity' };
    expect(PositionsAnswer.parse([wire])[0]?.qty).toBe('-3');
  });

  it('a position without a cost is counted at quantity x entry price', () => {
    const wire = { symbol: 'BTC/USD', qty: '0.123456789', avg_entry_price: '60000.5', asset_class: 'crypto' };
    expect(PositionsAnswer.parse([wire])[0]).toMatchObject({ symbol: 'BTCUSD', costMicros: 7_407_469_069, assetClass: 'crypto' });
  });

  it("an account's money is rounded down, a debt too", () => {
    const wire = { equity: '-0.0000001', buying_power: '200000.9999999', non_marginable_buying_power: '5.5', cash: '1' };
    expect(AccountAnswer.parse(wire)).toEqual({
      number: '',
      equityMicros: -1,
      buyingPowerMicros: 200_000_999_999,
      cashBuyingPowerMicros: 5_500_000,
      shut: '',
      shorting: true,
      multiplier: null,
    });
  });

  it.each([
    ['its number', { account_number: 'PA3X', id: 'a-1' }, 'PA3X'],
    ['its id where it has no number', { account_number: null, id: 'a-1' }, 'a-1'],
    ['nothing where the broker tells neither', {}, ''],
  ])('an account is told apart by %s', (_, told, number) => {
    expect(AccountAnswer.parse({ equity: '1', buying_power: '1', cash: '1', ...told }).number).toBe(number);
  });

  it('a number that could break out of a key is no number', () => {
    expect(AccountAnswer.safeParse({ equity: '1', buying_power: '1', cash: '1', account_number: 'PA}:x' }).success).toBe(false);
  });

  const funds = { equity: '1', buying_power: '1', cash: '1' };

  it.each(['trading_blocked', 'account_blocked', 'trade_suspended_by_user'])('an account with %s takes no orders', (flag) => {
    expect(AccountAnswer.parse({ ...funds, status: 'ACTIVE', [flag]: true }).shut).toBe(flag);
  });

  it.each([
    ...['INACTIVE', 'ONBOARDING', 'SUBMITTED', 'SUBMISSION_FAILED', 'ACTION_REQUIRED', 'APPROVAL_PENDING', 'APPROVED', 'REJECTED'],
    ...['ACCOUNT_UPDATED', 'DISABLED', 'ACCOUNT_CLOSED', 'ANOTHER_ONE'],
  ])('an account with the status %s takes no orders', (status) => {
    expect(AccountAnswer.parse({ ...funds, status }).shut).toBe(`status ${status}`);
  });

  it('an account that is shut for several reasons names them all', () => {
    const wire = { ...funds, status: 'ACCOUNT_CLOSED', trading_blocked: true, account_blocked: true, trade_suspended_by_user: false };
    expect(AccountAnswer.parse(wire).shut).toBe('status ACCOUNT_CLOSED, account_blocked, trading_blocked');
  });

  it.each([{}, { status: null }, { status: 'ACTIVE', trading_blocked: false, account_blocked: null }])(
    'an account with %o trades',
    (wire) => {
      expect(AccountAnswer.parse({ ...funds, ...wire }).shut).toBe('');
    },
  );

  it('an account tells whether it may sell short, and what it may borrow', () => {
    const wire = { ...funds, shorting_enabled: false, multiplier: '1' };
    expect(AccountAnswer.parse(wire)).toMatchObject({ shorting: false, multiplier: '1' });
  });

  it('a quote without an ask is read: what it is worth is decided elsewhere', () => {
    const quotes = { AAPL: { ap: 0, bp: 180.5, t: '2026-11-20T15:00:00.123456789Z', ax: ' ', c: ['R'] } };
    expect(decode(QuotesAnswer, { quotes }).kind).toBe('read');
  });

  it('a frame of an unknown stream is passed over, an odd one of a known stream is not', () => {
    expect(decode(StreamFrame, { stream: 'account_updates', data: {} })).toEqual({ kind: 'read', value: undefined });
    expect(decode(StreamFrame, { stream: 'trade_updates', data: { event: 'fill' } }).kind).toBe('odd');
  });
});

describe('Crypto symbols', () => {
  it.each([
    ['BTCUSD', 'BTC', 'USD'],
    ['BTCUSDT', 'BTC', 'USDT'],
    ['ETHUSDC', 'ETH', 'USDC'],
    ['USDTUSD', 'USDT', 'USD'],
    ['1INCHUSD', '1INCH', 'USD'],
  ])('%s is %s against %s', (symbol, base, quote) => expect(cryptoPair(symbol)).toEqual({ base, quote }));

  it.each(['AAPL', 'BRK.B', 'USD', 'XUSD', 'BTC', 'USDX'])('%s is no crypto', (symbol) => expect(isCryptoSymbol(symbol)).toBe(false));
});
