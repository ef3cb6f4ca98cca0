import { describe, expect, it } from 'vitest';
import { OrderAnswer, readOrder, stateOf } from '../../src/broker/alpaca/order-wire.ts';
import { readPosition } from '../../src/broker/alpaca/position-wire.ts';
import { StreamFrame } from '../../src/broker/alpaca/stream-wire.ts';
import { AccountAnswer, decode, QuotesAnswer } from '../../src/broker/alpaca/wire.ts';
import type { BrokerOrder, BrokerPosition, Oddity } from '../../src/broker/port.ts';
import { cryptoPair, currencyOf, isCryptoSymbol } from '../../src/domain/symbol.ts';
import { wireOrder } from '../support/scripted-alpaca.ts';

function order(fields: Record<string, unknown>): BrokerOrder {
  const read = readOrder(wireOrder(fields));
  if ('oddity' in read) throw new Error(read.oddity.why);
  return read.order;
}

function oddOrder(told: unknown): Oddity {
  const read = readOrder(told);
  if ('order' in read) throw new Error('it was read');
  return read.oddity;
}

function position(wire: object): BrokerPosition {
  const read = readPosition(wire);
  if ('oddity' in read) throw new Error(read.oddity.why);
  return read.position;
}

describe("Alpaca's answers", () => {
  it.each([
    ['filled', 'filled'],
    ['canceled', 'cancelled'],
    ['replaced', 'cancelled'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ])('the status %s is the end %s', (status, state) => expect(stateOf(status)).toBe(state));

  it.each([
    ...[
      'accepted',
      'pending_new',
      'accepted_for_bidding',
      'held',
      'new',
      'partially_filled',
      'pending_cancel',
      'pending_replace',
    ],
    ...['done_for_day', 'stopped', 'suspended', 'calculated', 'a_status_of_next_year'],
  ])('the status %s is live: it may fill or holds buying power', (status) =>
    expect(stateOf(status)).toBe('live'),
  );

  it('a cancelled order keeps what it had filled', () => {
    const order = OrderAnswer.parse(
      wireOrder({ status: 'canceled', filled_qty: '3.5', filled_avg_price: '180.25' }),
    );
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

  it.each(['', 'a b', 'a\n', '\u001b[2J', 'é', 'x'.repeat(129)])(
    'an order that the broker calls %j cannot be read',
    (id) => expect(decode(OrderAnswer, wireOrder({ id })).kind).toBe('odd'),
  );

  it('an order for an amount has the quantity that its limit implies, rounded up', () => {
    const order = OrderAnswer.parse(wireOrder({ qty: null, notional: '100', limit_price: '3' }));
    expect(order).toMatchObject({ qty: '33.333333334', notionalMicros: 100_000_000 });
  });

  it('an order for an amount without a limit has the quantity that filled, and tells the amount', () => {
    const order = OrderAnswer.parse(
      wireOrder({ qty: null, notional: '100', limit_price: null, filled_qty: '0.5' }),
    );
    expect(order).toMatchObject({ qty: '0.5', filledQty: '0.5', limit: null, notionalMicros: 100_000_000 });
  });

  it('too many decimals are rounded to the safe side: filled quantities down, prices up', () => {
    const order = OrderAnswer.parse(
      wireOrder({ filled_qty: '1.1234567899', filled_avg_price: '2.0000000001' }),
    );
    expect(order).toMatchObject({ filledQty: '1.123456789', filledAvgPrice: '2.000000001' });
  });

  it.each([
    ['a limit in words', { limit_price: 'market' }],
    ['no side', { side: '' }],
    ['no id', { id: undefined }],
  ])('an order with %s is not read', (_, fields) =>
    expect(decode(OrderAnswer, wireOrder(fields)).kind).toBe('odd'),
  );

  it("a short position's quantity is negative, its cost is not, and is rounded up", () => {
    const wire = {
      symbol: 'TSLA',
      qty: '-3',
      side: 'short',
      cost_basis: '-600.0000001',
      avg_entry_price: '200.00000003333',
      asset_class: 'us_equity',
    };
    expect([position(wire)]).toEqual([
      {
        symbol: 'TSLA',
        qty: '-3',
        costMicros: 600_000_001,
        avgEntryPrice: '200.000000034',
        assetClass: 'stock',
      },
    ]);
  });

  it('a short position told by its side alone is negative too', () => {
    const wire = {
      symbol: 'TSLA',
      qty: '3',
      side: 'short',
      cost_basis: '600',
      avg_entry_price: '200',
      asset_class: 'us_equity',
    };
    expect(position(wire).qty).toBe('-3');
  });

  it('a position without a cost is counted at quantity x entry price', () => {
    const wire = { symbol: 'BTC/USD', qty: '0.123456789', avg_entry_price: '60000.5', asset_class: 'crypto' };
    expect(position(wire)).toMatchObject({
      symbol: 'BTCUSD',
      costMicros: 7_407_469_069,
      assetClass: 'crypto',
    });
  });

  it("an account's money is rounded down, a debt too", () => {
    const wire = {
      equity: '-0.0000001',
      buying_power: '200000.9999999',
      non_marginable_buying_power: '5.5',
      cash: '1',
    };
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
    expect(
      AccountAnswer.safeParse({ equity: '1', buying_power: '1', cash: '1', account_number: 'PA}:x' }).success,
    ).toBe(false);
  });

  const funds = { equity: '1', buying_power: '1', cash: '1' };

  it.each(['trading_blocked', 'account_blocked', 'trade_suspended_by_user'])(
    'an account with %s takes no orders',
    (flag) => {
      expect(AccountAnswer.parse({ ...funds, status: 'ACTIVE', [flag]: true }).shut).toBe(flag);
    },
  );

  it.each([
    ...[
      'INACTIVE',
      'ONBOARDING',
      'SUBMITTED',
      'SUBMISSION_FAILED',
      'ACTION_REQUIRED',
      'APPROVAL_PENDING',
      'APPROVED',
      'REJECTED',
    ],
    ...['ACCOUNT_UPDATED', 'DISABLED', 'ACCOUNT_CLOSED', 'ANOTHER_ONE'],
  ])('an account with the status %s takes no orders', (status) => {
    expect(AccountAnswer.parse({ ...funds, status }).shut).toBe(`status ${status}`);
  });

  it('an account that is shut for several reasons names them all', () => {
    const wire = {
      ...funds,
      status: 'ACCOUNT_CLOSED',
      trading_blocked: true,
      account_blocked: true,
      trade_suspended_by_user: false,
    };
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
    expect(decode(StreamFrame, { stream: 'account_updates', data: {} })).toEqual({
      kind: 'read',
      value: undefined,
    });
    expect(decode(StreamFrame, { stream: 'trade_updates', data: { event: 'fill' } }).kind).toBe('odd');
  });
});

describe('An order by hand', () => {
  it.each<[string, Record<string, unknown>, Partial<BrokerOrder>]>([
    ['with a quantity that is a number', { qty: 10, limit_price: 180.5 }, { qty: '10', limit: '180.5' }],
    ['without a client order id', { client_order_id: null }, { id: '', brokerId: 'broker-1' }],
    ['of an unknown status', { status: 'a_status_of_next_year' }, { state: 'live' }],
    ['without a status', { status: null }, { state: 'live', status: '' }],
    ['with an empty price', { limit_price: '', stop_price: '' }, { limit: null }],
    ['at the market, told as a limit of 0', { limit_price: '0' }, { limit: null }],
    ['with a stop', { limit_price: null, stop_price: '190' }, { limit: null, stop: '190' }],
    ['whose symbol could break out of a key', { symbol: 'A}B{' }, { symbol: 'A.B.' }],
    [
      'of a perpetual',
      { symbol: 'BTC-PERP', asset_class: 'crypto_perp' },
      { symbol: 'BTC.PERP', limit: '180.5' },
    ],
    [
      'of an option counts a contract as 100',
      { symbol: 'AAPL270115C00200000', asset_class: 'us_option', limit_price: '5.5' },
      { limit: '550' },
    ],
    [
      'of an option that only its symbol tells',
      { symbol: 'AAPL270115C00200000', limit_price: '5.5' },
      { limit: '550' },
    ],
    [
      'with a multiplier takes that',
      { asset_class: 'us_option', multiplier: '10', limit_price: '5.5' },
      { limit: '55' },
    ],
    [
      'filled in part counts its fill in the same unit',
      { asset_class: 'us_option', filled_avg_price: '5.25' },
      { filledAvgPrice: '525' },
    ],
    [
      'of a pair tells its currency',
      { symbol: 'ETH/BTC', asset_class: 'crypto', limit_price: '0.055' },
      { currency: 'BTC', limit: '0.055' },
    ],
    [
      'of several legs that pays counts its net price',
      { symbol: '', side: '', order_class: 'mleg', limit_price: '0.35', qty: '2' },
      { symbol: 'MLEG', limit: '35', qty: '2' },
    ],
  ])('%s', (_, fields, read) => expect(order(fields)).toMatchObject(read));

  it('of an unknown asset class counts as shares do, and says so', () => {
    expect(order({ asset_class: 'us_future' }).doubt).toBe('its asset class "us_future" is unknown');
    expect(order({ asset_class: 'us_future', multiplier: '50' })).not.toHaveProperty('doubt');
    expect(order({})).not.toHaveProperty('doubt');
  });

  it.each<[string, Record<string, unknown>, BrokerOrder['effect']]>([
    ['an exit that a bracket holds back', { order_class: 'bracket', status: 'held' }, 'closes'],
    ["a bracket's entry", { order_class: 'bracket', status: 'new' }, undefined],
    ['an exit of an OTO', { order_class: 'oto', status: 'held' }, 'closes'],
    ['either leg of an OCO', { order_class: 'oco', status: 'new' }, 'closes'],
    ['what is told to close', { position_intent: 'buy_to_close' }, 'closes'],
    [
      'what is told to open, held or not',
      { order_class: 'bracket', status: 'held', position_intent: 'sell_to_open' },
      'opens',
    ],
    ['a plain order', {}, undefined],
  ])('%s is known for what it does', (_, fields, effect) => expect(order(fields).effect).toBe(effect));

  it('that cannot be counted is named: its ids, its symbol, and why', () => {
    const credit = wireOrder({ symbol: '', side: '', order_class: 'mleg', limit_price: '-0.35' });
    expect(oddOrder(credit)).toMatchObject({
      ...{ what: 'order', id: 'order-1', brokerId: 'broker-1', symbol: '', counts: false, isLive: true },
      why: 'it is an order of several legs at a net price of -0.35: its cost is unknown',
    });
    expect(oddOrder(wireOrder({ client_order_id: null, qty: 'ten' }))).toMatchObject({
      id: 'broker-1',
      symbol: 'AAPL',
    });
    expect(oddOrder(wireOrder({ qty: null })).why).toBe('it has no quantity and no amount');
    expect(oddOrder(wireOrder({ qty: 'ten' })).why).toContain('not a decimal');
    expect(oddOrder(null)).toMatchObject({ id: '', symbol: '' });
  });
});

describe('A position by hand', () => {
  it.each<[string, object, Partial<BrokerPosition>]>([
    [
      'of an option with a long root',
      { symbol: 'GOOGL1270115C00100000', qty: '1', cost_basis: '550' },
      { symbol: 'GOOGL1270115C00100000', costMicros: 550_000_000 },
    ],
    [
      'of an option without a cost',
      { symbol: 'AAPL270115C00200000', qty: '2', avg_entry_price: '5.5' },
      { costMicros: 1_100_000_000 },
    ],
    ['of numbers', { symbol: 'AAPL', qty: 3, cost_basis: 600 }, { qty: '3', costMicros: 600_000_000 }],
    [
      'of a perpetual',
      { symbol: 'BTC-PERP', qty: '1', cost_basis: '90000', asset_class: 'crypto_perp' },
      { symbol: 'BTC.PERP', assetClass: 'crypto' },
    ],
    ['with a value alone', { symbol: 'AAPL', qty: '3', market_value: '-615' }, { costMicros: 615_000_000 }],
    ['with a price alone', { symbol: 'AAPL', qty: '3', current_price: '205' }, { costMicros: 615_000_000 }],
    [
      'with a cost and no quantity',
      { symbol: 'AAPL', qty: null, cost_basis: '600' },
      { costMicros: 600_000_000 },
    ],
  ])('%s counts what it costs', (_, wire, read) => expect(position(wire)).toMatchObject(read));

  it('that cannot be bounded is named', () => {
    expect(readPosition({ symbol: 'AAPL', qty: '3' })).toMatchObject({
      oddity: { what: 'position', symbol: 'AAPL', why: 'its cost and its value are unknown' },
    });
    expect(
      readPosition({ symbol: 'ETH/BTC', qty: '3', avg_entry_price: '0.05', asset_class: 'crypto' }),
    ).toMatchObject({
      oddity: { why: 'it is priced in BTC, and its cost in dollars is unknown' },
    });
    expect(readPosition('AAPL')).toMatchObject({ oddity: { symbol: '' } });
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

  it.each(['AAPL', 'BRK.B', 'USD', 'XUSD', 'BTC', 'USDX'])('%s is no crypto', (symbol) =>
    expect(isCryptoSymbol(symbol)).toBe(false),
  );
});

describe('The currency of a pair', () => {
  it.each([
    ['ETH/BTC', 'BTC'],
    ['ETHBTC', 'BTC'],
    ['BTC/EUR', 'EUR'],
  ])('%s is %s', (symbol, currency) => expect(currencyOf(symbol)).toBe(currency));

  it.each(['BTC/USD', 'BTCUSD', 'BTC/USDC', 'BRK/B', 'AAPL', 'METH', 'XBTC', 'BTC'])(
    '%s is the dollar, or none',
    (symbol) => expect(currencyOf(symbol)).toBeUndefined(),
  );
});
