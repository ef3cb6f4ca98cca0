/** The pure parts of a reconciliation: what differs, what is missing, what an unknown order counts. */
import { describe, expect, it } from 'vitest';
import { ledgerId } from '../../src/broker/order-id.ts';
import type { BrokerOrder } from '../../src/broker/port.ts';
import { diff } from '../../src/keeper/diff.ts';
import { MissingOrders } from '../../src/keeper/missing-orders.ts';
import { ledgerPositions, reducingOrders, unlikeQuantities } from '../../src/keeper/positions.ts';
import { unknownOrderOf } from '../../src/keeper/unknown-orders.ts';
import type { LedgerOrder, LedgerPosition } from '../../src/ledger/commands/snapshot.ts';

const STARTED_MS = 1_000;

const theirs = (fields: Partial<BrokerOrder> = {}): BrokerOrder => ({
  ...{ id: 'a_0', brokerId: 'b-a_0', symbol: 'AAPL', side: 'buy', limit: '100', qty: '10' },
  ...{ filledQty: '0', filledAvgPrice: null, state: 'live', status: 'new', ...fields },
});

const ours = (fields: Partial<LedgerOrder> = {}): LedgerOrder => ({
  ...{
    id: 'a_0',
    symbol: 'AAPL',
    side: 'buy',
    kind: 'entry',
    mode: 'normal',
    pool: '',
    limit: '100',
    type: '',
    qty: '10',
    pnl: '0',
    fillProbability: '1',
  },
  ...{
    owner: 'host',
    plan: '',
    state: 'working',
    needMicros: 1e9,
    heldMicros: 1e9,
    filledQty: '0',
    filledMicros: 0,
  },
  ...{
    createdAtMs: 1,
    filledSinceMs: 0,
    endedAtMs: 0,
    updatedMs: 1,
    sentAtMs: 1,
    brokerId: 'b-a_0',
    before: { qty: '0', micros: 0 },
    nextBrokerId: '',
    nextLimit: '',
    nextQty: '',
    nextUntilMs: 0,
    amended: false,
    unclear: false,
    robbedBy: '',
    keptAs: '',
    keptOf: '',
    cancelReason: '',
    reason: '',
    ...fields,
  },
});

const afterFour = { before: { qty: '4', micros: 400_000_000 } };

const kinds = (book: LedgerOrder[], listed: BrokerOrder[]) =>
  diff(book, STARTED_MS, listed).map(({ kind }) => kind);

describe('Between ledger and broker', () => {
  it.each([
    ['an order that both see alike is nothing', [ours()], [theirs()], []],
    ['a fill that the ledger has not is news', [ours()], [theirs({ filledQty: '4' })], ['news']],
    [
      'a fill written otherwise is the same',
      [ours({ filledQty: '4.5' })],
      [theirs({ filledQty: '4.50' })],
      [],
    ],
    [
      'less filled than the ledger has is older news',
      [ours({ filledQty: '5' })],
      [theirs({ filledQty: '4' })],
      [],
    ],
    ['a reservation that is live is news', [ours({ state: 'reserved', brokerId: '' })], [theirs()], ['news']],
    [
      'an order that is being cancelled and still live is nothing',
      [ours({ state: 'cancelling' })],
      [theirs()],
      [],
    ],
    ['a live order that the ledger has not is unknown', [], [theirs()], ['unknown']],
    [
      'a live order that was never sent is a lost record',
      [ours({ state: 'reserved', sentAtMs: 0 })],
      [theirs()],
      ['unsent'],
    ],
    [
      'a pending thief that is live is a lost record',
      [ours({ state: 'pending', sentAtMs: 0 })],
      [theirs()],
      ['unsent'],
    ],
    ['a working order that is not listed is missing', [ours()], [], ['missing']],
    ['one being cancelled that is not listed is missing', [ours({ state: 'cancelling' })], [], ['missing']],
    ['a submission in flight is not missed', [ours({ state: 'reserved' })], [], []],
    [
      'a submission whose lease ended is missing',
      [ours({ state: 'reserved', unclear: true })],
      [],
      ['missing'],
    ],
    ['a reservation that was never sent is not missed', [ours({ state: 'reserved', sentAtMs: 0 })], [], []],
    [
      'a quantity that was changed under the same id is a change',
      [ours()],
      [theirs({ qty: '50' })],
      ['changed'],
    ],
    ['a limit that was changed under the same id is one', [ours()], [theirs({ limit: '99' })], ['changed']],
    ['a limit written otherwise is none', [ours()], [theirs({ limit: '100.00' })], []],
    ['another symbol under the same id is one', [ours()], [theirs({ symbol: 'AAPL.N' })], ['changed']],
    ['another side under the same id is one', [ours()], [theirs({ side: 'sell' })], ['changed']],
    [
      'an order for the market has no limit to compare',
      [ours({ limit: '103' })],
      [theirs({ limit: null })],
      [],
    ],
    [
      'an order for an amount has no quantity to compare',
      [ours({ qty: '9' })],
      [theirs({ notionalMicros: 1e9 })],
      [],
    ],
    [
      "an order that replaces one may be the ledger's",
      [ours()],
      [theirs({ id: 'x', brokerId: 'b-x', replaces: 'b-a_0' })],
      ['replacing', 'missing'],
    ],
    [
      'one that goes on for an order is that order, with what came before',
      [ours({ ...afterFour, brokerId: 'b-x', filledQty: '4', amended: true })],
      [theirs({ id: 'x', brokerId: 'b-x', qty: '6', replaces: 'b-a_0' })],
      [],
    ],
    [
      'a fill of it is news',
      [ours({ ...afterFour, brokerId: 'b-x', filledQty: '4', amended: true })],
      [theirs({ id: 'x', brokerId: 'b-x', qty: '6', filledQty: '1', replaces: 'b-a_0' })],
      ['news'],
    ],
    [
      'a list from before it was replaced is nothing',
      [ours({ brokerId: 'b-x', amended: true })],
      [theirs({ limit: '90' })],
      [],
    ],
    [
      'an order that is not replaced after all is a change',
      [ours({ nextBrokerId: 'b-x', amended: true })],
      [theirs()],
      ['changed'],
    ],
    ['what changed here since is left for the next time', [ours({ updatedMs: STARTED_MS })], [], []],
  ])('%s', (_, book, listed, expected) => {
    expect(kinds(book, listed)).toEqual(expected);
  });
});

describe('An order that is not listed', () => {
  const SYNC_MS = 100;
  const at = (start = 0) => {
    let nowMs = start;
    const missingOrders = new MissingOrders(SYNC_MS, () => nowMs);
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { missingOrders, pass };
  };

  it('is not there when that was said twice, a sync interval apart', () => {
    const { missingOrders, pass } = at();
    missingOrders.choose([ours()], 50);
    expect(missingOrders.notFound('a_0')).toBe(false);
    pass(SYNC_MS - 1);
    missingOrders.choose([ours()], 50);
    expect(missingOrders.notFound('a_0')).toBe(false);
    pass(1);
    missingOrders.choose([ours()], 50);
    expect(missingOrders.notFound('a_0')).toBe(true);
  });

  it.each(['found', 'listed again'] as const)('starts anew when it was %s in between', (how) => {
    const { missingOrders, pass } = at();
    missingOrders.choose([ours()], 50);
    missingOrders.notFound('a_0');
    pass(SYNC_MS);
    if (how === 'found') missingOrders.found('a_0');
    else missingOrders.choose([], 50);
    missingOrders.choose([ours()], 50);
    expect(missingOrders.notFound('a_0')).toBe(false);
  });

  it('has its turn though there are more than a round asks for', () => {
    const { missingOrders } = at();
    const missing = ['a', 'b', 'c', 'd', 'e'].map((id) => ours({ id }));
    const ids = () => missingOrders.choose(missing, 2).map(({ id }) => id);
    expect([ids(), ids(), ids()].flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
  });
});

describe('An unknown order', () => {
  const traits = { pool: '', reducing: false, price: undefined };

  it('is worth its limit', () => {
    expect(unknownOrderOf(theirs({ filledQty: '4', filledAvgPrice: '99' }), traits)).toMatchObject({
      ...{ id: 'a_0', limit: '100', qty: '10', filledQty: '4', filledMicros: 396_000_000 },
    });
  });

  it('without a limit is worth the price and 3 % more', () => {
    expect(unknownOrderOf(theirs({ limit: null }), { ...traits, price: '50' })).toMatchObject({
      limit: '51.5',
      qty: '10',
    });
  });

  it('for an amount has the quantity that the rest of the amount buys', () => {
    const order = theirs({
      limit: null,
      qty: '2',
      filledQty: '2',
      filledAvgPrice: '50',
      notionalMicros: 203_000_000,
    });
    expect(unknownOrderOf(order, { ...traits, price: '50' })).toMatchObject({ limit: '51.5', qty: '4' });
  });

  it('without limit and price cannot be counted, unless it counts nothing', () => {
    expect(() => unknownOrderOf(theirs({ limit: null }), traits)).toThrow(/can not be counted/);
    expect(unknownOrderOf(theirs({ limit: null }), { ...traits, reducing: true })).toMatchObject({
      reducing: true,
    });
  });

  it('of which nothing can fill any more counts nothing', () => {
    expect(unknownOrderOf(theirs({ filledQty: '10', filledAvgPrice: '100' }), traits)).toBeUndefined();
  });

  it('has an id of the ledger, always the same, whatever its client called it', () => {
    const foreign = ledgerId(theirs({ id: 'x y' }));
    expect(foreign).toMatch(/^hand_[0-9a-f]{32}$/);
    expect(ledgerId(theirs({ id: 'x y' }))).toBe(foreign);
    expect(ledgerId(theirs({ id: 'x y', brokerId: 'another' }))).not.toBe(foreign);
    expect(ledgerId(theirs({ id: '' }))).toMatch(/^hand_/);
  });
});

describe('Positions', () => {
  const long = (symbol: string, qty: string): LedgerPosition => ({
    symbol,
    side: 'long',
    qty,
    costMicros: 1,
    pool: '',
  });
  const pools = [
    { name: 'total', leverage: '2' },
    { name: 'crypto', leverage: '1' },
  ] as const;

  it('come with their side, and the pool of their class where there is one', () => {
    const broker = { costMicros: 5, avgEntryPrice: '1' };
    const told = ledgerPositions(
      [
        { ...broker, symbol: 'BTCUSD', qty: '0.5', assetClass: 'crypto' },
        { ...broker, symbol: 'AAPL', qty: '-3', assetClass: 'stock' },
        { ...broker, symbol: 'GONE', qty: '0', assetClass: 'stock' },
      ],
      { pools },
    );
    expect(told).toEqual([
      { symbol: 'BTCUSD', side: 'long', qty: '0.5', costMicros: 5, pool: 'crypto' },
      { symbol: 'AAPL', side: 'short', qty: '3', costMicros: 5, pool: '' },
    ]);
  });

  it('are reduced by orders on their other side, together no larger than they are', () => {
    const sells = ['1', '2', '3'].map((id) => theirs({ brokerId: id, side: 'sell', qty: '4' }));
    const more = [theirs({ brokerId: 'buy' }), theirs({ brokerId: 'other', side: 'sell', symbol: 'MSFT' })];
    expect([...reducingOrders([...sells, ...more], [long('AAPL', '8')]).keys()]).toEqual(['1', '2']);
    expect([
      ...reducingOrders([theirs({ brokerId: 'cover' })], [{ ...long('AAPL', '10'), side: 'short' }]).keys(),
    ]).toEqual(['cover']);
  });

  it('are reduced by what closes for sure, whatever is held, and by nothing that opens', () => {
    const legs = ['1', '2'].map((brokerId) => theirs({ brokerId, side: 'sell', qty: '8', effect: 'closes' }));
    const opening = theirs({ brokerId: 'opens', side: 'sell', qty: '1', effect: 'opens' });
    expect([...reducingOrders([opening, ...legs], [long('AAPL', '8')])]).toEqual([
      ['1', 'closes'],
      ['2', 'leg'],
    ]);
    const waiting = legs.map((leg) => ({ ...leg, status: 'held', heldBack: true as const }));
    expect([
      ...reducingOrders(
        [...waiting, theirs({ brokerId: 'exit', side: 'sell', qty: '8' })],
        [long('AAPL', '8')],
      ),
    ]).toEqual([
      ['1', 'leg'],
      ['2', 'leg'],
      ['exit', 'closes'],
    ]);
  });

  it('differ when their quantity does, not when a cost was rounded otherwise', () => {
    const before = [long('AAPL', '8'), long('MSFT', '1')];
    const now = [{ ...long('AAPL', '8.0'), costMicros: 2 }, long('BTCUSD', '1')];
    expect(unlikeQuantities(['AAPL', 'MSFT', 'BTCUSD'], before, now)).toEqual(['MSFT', 'BTCUSD']);
  });
});
