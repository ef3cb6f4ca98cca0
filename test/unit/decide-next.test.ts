/** The pure state machine of a plan: one table a stage; each row is what is known, and what is done next. */
import { describe, expect, it } from 'vitest';
import type { LeasedPlan, Stage } from '../../src/ledger/commands/plans.ts';
import type { Action } from '../../src/watcher/plan/action.ts';
import { decideNext } from '../../src/watcher/plan/decide-next.ts';
import type { OrderView, View } from '../../src/watcher/plan/view.ts';

const NOW_MS = 1_000_000;

function aPlan(stage: Stage, changes: Partial<LeasedPlan> = {}): LeasedPlan {
  return {
    id: 'p',
    symbol: 'AAPL',
    side: 'buy',
    mode: 'normal',
    limit: '100',
    qty: '10',
    pnl: '5',
    pool: '',
    takeProfit: '101',
    startsAtMs: 0,
    expiresAtMs: 0,
    holdMs: 0,
    strategy: 'test',
    stage,
    attempt: 1,
    exitAttempt: stage === 'exiting' ? 1 : 0,
    filedAtMs: 0,
    heldSinceMs: 0,
    withdrawAsked: false,
    closeAskedMs: 0,
    refused: 0,
    pausedFor: '',
    pauseLeftMs: 0,
    waitMs: 0,
    ...changes,
  };
}

const order = (state: OrderView['state'], changes: Partial<OrderView> = {}): OrderView => ({
  state,
  limit: '100',
  filledQty: '0',
  sent: state !== 'reserved' && state !== 'pending',
  robbedBy: '',
  keptAs: '',
  reason: '',
  filledSinceMs: 0,
  endedMs: 0,
  ...changes,
});

/** Cancelled by a person so long ago. */
const byHand = (agoMs: number): OrderView =>
  order('cancelled', { reason: 'by_hand', endedMs: NOW_MS - agoMs });

type Changes = Partial<Omit<View, 'plan'>> & { plan?: Partial<LeasedPlan> };

function next(stage: Stage, { plan = {}, ...view }: Changes): Action {
  return decideNext({
    plan: aPlan(stage, plan),
    entry: undefined,
    exit: undefined,
    heldQty: undefined,
    closedQty: '0',
    heldSinceMs: NOW_MS,
    price: '100.3',
    rule: { tolerance: '0.0066', forceImmediate: false },
    nowMs: NOW_MS,
    paused: false,
    queued: false,
    stopping: false,
    byHand: { entry: 'withdraw', pauseMs: 60_000 },
    partialEntry: 'cancel',
    liveAttempt: undefined,
    ...view,
  });
}

type Row = [what: string, view: Changes, action: Action];

describe('a plan that waits', () => {
  const withdrawn = { plan: { withdrawAsked: true } };
  const resume = (attempt: number): Action => ({ do: 'resume', attempt });
  it.each<Row>([
    ['enters when the price is within the tolerance', {}, { do: 'enter', forced: false }],
    ['enters at exactly the tolerance', { price: '100.66' }, { do: 'enter', forced: false }],
    ['waits a nano beyond it', { price: '100.660000001' }, { do: 'wait', why: 'far' }],
    ['enters when the price went through its limit', { price: '90' }, { do: 'enter', forced: false }],
    [
      'enters at any distance when it is forced',
      { price: '150', rule: { tolerance: '0.016', forceImmediate: true } },
      { do: 'enter', forced: true },
    ],
    [
      'waits without a price, forced or not',
      { price: undefined, rule: { tolerance: '0.016', forceImmediate: true } },
      { do: 'wait', why: 'no_price' },
    ],
    ['waits until it starts', { plan: { startsAtMs: NOW_MS + 1 } }, { do: 'wait', why: 'not_started' }],
    ['starts at the very ms', { plan: { startsAtMs: NOW_MS } }, { do: 'enter', forced: false }],
    ['waits while it is paused', { paused: true }, { do: 'wait', why: 'paused' }],
    ['begins nothing when the host stops', { stopping: true }, { do: 'wait', why: 'stopping' }],
    ['looks at an entry that is said to be live', { liveAttempt: 1, price: '150' }, { do: 'look' }],
    [
      'goes on with one that works, wherever the price is',
      { liveAttempt: 3, entry: order('working'), price: '150' },
      resume(3),
    ],
    [
      'goes on with it to cancel it when it is withdrawn',
      { liveAttempt: 1, entry: order('working'), ...withdrawn },
      resume(1),
    ],
    [
      'enters where it was never sent',
      { liveAttempt: 1, entry: order('reserved') },
      { do: 'enter', forced: false },
    ],
    ['waits where it is over', { liveAttempt: 1, entry: null, price: '150' }, wait('far')],
    [
      'expires at the very ms',
      { plan: { expiresAtMs: NOW_MS } },
      { do: 'finish', stage: 'expired', reason: 'expired' },
    ],
    ['does not expire before', { plan: { expiresAtMs: NOW_MS + 1 } }, { do: 'enter', forced: false }],
    [
      'is withdrawn when asked, paused or not',
      { paused: true, plan: { withdrawAsked: true } },
      finish('withdrawn', 'withdrawn'),
    ],
  ])('%s', (_, view, action) => expect(next('waiting', view)).toEqual(action));
});

describe('a plan that enters', () => {
  const over = { plan: { expiresAtMs: NOW_MS } };
  it.each<Row>([
    ['looks for its order first', {}, { do: 'look' }],
    ['goes back to waiting when nobody knows the order', { entry: null }, { do: 'reconsider' }],
    [
      'ends when nobody knows the order and it has expired',
      { entry: null, ...over },
      finish('expired', 'expired'),
    ],
    [
      'takes up a reservation that a dead host left',
      { entry: order('reserved') },
      { do: 'enter', forced: false },
    ],
    [
      'gives such a reservation back when it has expired',
      { entry: order('reserved'), ...over },
      { do: 'release', reason: 'expired' },
    ],
    [
      'gives it back when the host stops',
      { entry: order('reserved'), stopping: true },
      { do: 'release', reason: 'stopping' },
    ],
    [
      'waits for word of an order that may be at the broker',
      { entry: order('reserved', { sent: true }), ...over },
      wait('reserved'),
    ],
    ['waits while it works', { entry: order('working') }, wait('working')],
    [
      'cancels it when it has expired',
      { entry: order('working'), ...over },
      { do: 'cancel_entry', reason: 'expired' },
    ],
    [
      'cancels it when it is withdrawn',
      { entry: order('working'), plan: { withdrawAsked: true } },
      { do: 'cancel_entry', reason: 'withdrawn' },
    ],
    ['waits for the end of a cancellation', { entry: order('cancelling'), ...over }, wait('cancelling')],
    ['holds what was filled', { entry: order('filled', { filledQty: '10' }) }, { do: 'hold' }],
    [
      'holds a part that was filled before it was cancelled',
      { entry: order('cancelled', { filledQty: '3' }), ...over },
      { do: 'hold' },
    ],
    [
      'holds a part that was filled before it was robbed',
      { entry: order('cancelled', { filledQty: '3', robbedBy: 'q_1' }) },
      { do: 'hold' },
    ],
    [
      'waits again when it was robbed',
      { entry: order('cancelled', { robbedBy: 'q_1' }) },
      { do: 'retry', why: 'robbed' },
    ],
    [
      'waits again when the broker rejected it',
      { entry: order('rejected') },
      { do: 'retry', why: 'rejected' },
    ],
    [
      'ends when a person cancelled it',
      { entry: order('cancelled', { reason: 'by_hand' }) },
      finish('withdrawn', 'cancelled_by_hand'),
    ],
    [
      'is left alone for a while when a person cancelled it and that is the rule',
      { entry: byHand(59_999), byHand: { entry: 'pause', pauseMs: 60_000 } },
      wait('by_hand'),
    ],
    [
      'waits again after that',
      { entry: byHand(60_000), byHand: { entry: 'pause', pauseMs: 60_000 } },
      { do: 'retry', why: 'ended' },
    ],
    [
      'holds what was filled before a person cancelled it',
      { entry: order('cancelled', { filledQty: '3', reason: 'by_hand' }) },
      { do: 'hold' },
    ],
    ['waits again when it ended with the day', { entry: order('expired') }, { do: 'retry', why: 'ended' }],
    [
      'ends when it was robbed and has expired',
      { entry: order('cancelled', { robbedBy: 'q_1' }), ...over },
      finish('expired', 'expired'),
    ],
  ])('%s', (_, view, action) => expect(next('entering', view)).toEqual(action));
});

describe('a plan whose entry is filled in part and works on', () => {
  const part = { entry: order('working', { filledQty: '3' }) };
  const cancel: Action = { do: 'cancel_entry', reason: 'partly_filled' };
  const rest = { ...part, partialEntry: 'rest' } as const;
  const hour = { takeProfit: '', holdMs: 3_600_000 };
  const over = { heldSinceMs: NOW_MS - 3_600_000 };
  const short = { side: 'sell', takeProfit: '99' } as const;
  it.each<Row>([
    ['begins its holding time', { ...part, heldSinceMs: 0 }, { do: 'hold_part' }],
    [
      'begins it when the rest is being cancelled',
      { entry: order('cancelling', { filledQty: '3' }), heldSinceMs: 0 },
      { do: 'hold_part' },
    ],
    [
      'begins it before the rest is cancelled as expired',
      { ...part, heldSinceMs: 0, plan: { expiresAtMs: 1 } },
      { do: 'hold_part' },
    ],
    ['cancels the rest, since it has a take-profit', part, cancel],
    ['cancels the rest, since it has a holding time', { ...part, plan: hour }, cancel],
    ['cancels the rest when the host stops, too', { ...part, stopping: true }, cancel],
    [
      'cancels the rest as expired when it is',
      { ...part, plan: { expiresAtMs: NOW_MS } },
      { do: 'cancel_entry', reason: 'expired' },
    ],
    ['waits while it is paused', { ...part, paused: true }, wait('paused')],
    [
      'waits for the end of the cancellation',
      { entry: order('cancelling', { filledQty: '3' }) },
      wait('cancelling'),
    ],
    [
      'lets the rest work when it has no exit',
      { ...part, heldSinceMs: 0, plan: { takeProfit: '' } },
      wait('working'),
    ],
    ['begins its holding time by the other rule, too', { ...rest, heldSinceMs: 0 }, { do: 'hold_part' }],
    ['lets the rest work by the other rule', { ...rest, price: '100.999999999' }, wait('partly_filled')],
    ['until the price reaches its take-profit', { ...rest, price: '101' }, cancel],
    ['until the price of a short reaches its take-profit', { ...rest, plan: short, price: '99' }, cancel],
    ['and no sooner', { ...rest, plan: short, price: '99.000000001' }, wait('partly_filled')],
    ['until its time is over', { ...rest, plan: hour, ...over, price: undefined }, cancel],
    ['and no sooner', { ...rest, plan: hour, heldSinceMs: over.heldSinceMs + 1 }, wait('partly_filled')],
    ['while there is no price', { ...rest, price: undefined }, wait('partly_filled')],
  ])('%s', (_, view, action) => expect(next('entering', view)).toEqual(action));
});

describe('a plan that holds', () => {
  const hour = { holdMs: 3_600_000 };
  it.each<Row>([
    ['looks how much after a takeover', {}, { do: 'look' }],
    ['places its exit at the take-profit', { heldQty: '10' }, exit(1, '10', '101')],
    ['exits what was filled, not what was wished', { heldQty: '3.5' }, exit(1, '3.5', '101')],
    [
      'is done at once without take-profit and hold',
      { heldQty: '10', plan: { takeProfit: '' } },
      finish('done', 'filled'),
    ],
    [
      'waits for its time without take-profit',
      { heldQty: '10', plan: { takeProfit: '', ...hour } },
      wait('holding'),
    ],
    [
      'closes through the price when its time is over',
      { heldQty: '10', plan: { takeProfit: '', ...hour }, heldSinceMs: NOW_MS - 3_600_000 },
      exit(1, '10', '99.29', true),
    ],
    [
      'closes a short at a higher price',
      { heldQty: '10', plan: { side: 'sell', takeProfit: '', ...hour }, heldSinceMs: NOW_MS - 3_600_000 },
      exit(1, '10', '101.31', true),
    ],
    [
      'waits for a price to close at',
      { heldQty: '10', plan: hour, heldSinceMs: 0, nowMs: 3_600_000, price: undefined },
      wait('no_price'),
    ],
    ['is done when nothing was filled after all', { heldQty: '0' }, finish('done', 'nothing_held')],
    ['begins no exit when the host stops', { heldQty: '10', stopping: true }, wait('stopping')],
    ['waits while it is paused', { heldQty: '10', paused: true }, wait('paused')],
  ])('%s', (_, view, action) => expect(next('holding', view)).toEqual(action));
});

describe('a plan that exits', () => {
  const held = { heldQty: '10' };
  const over = { ...held, plan: { holdMs: 1_000 }, heldSinceMs: NOW_MS - 1_000 };
  const at = (limit: string) => order('working', { limit });
  it.each<Row>([
    ['looks for its order first', held, { do: 'look' }],
    ['places the same exit when nobody knows it', { ...held, exit: null }, exit(1, '10', '101')],
    [
      'takes up a reservation at its own limit',
      { ...held, exit: order('reserved', { limit: '102' }) },
      exit(1, '10', '102'),
    ],
    [
      'waits for word of an order that may be at the broker',
      { ...held, exit: order('reserved', { sent: true }) },
      wait('reserved'),
    ],
    ['waits while it works', { ...held, exit: at('101') }, wait('working')],
    [
      'does not mind that the plan is withdrawn',
      { ...held, exit: at('101'), plan: { withdrawAsked: true } },
      wait('working'),
    ],
    ['cancels it when its time is over', { ...over, exit: at('101') }, { do: 'cancel_exit' }],
    ['leaves it when its limit is marketable', { ...over, exit: at('99') }, wait('working')],
    ['waits for the end of the cancellation', { ...over, exit: order('cancelling') }, wait('cancelling')],
    [
      'then closes what is left at the market',
      { ...over, exit: order('cancelled', { filledQty: '4' }) },
      exit(2, '6', '99.29', true),
    ],
    [
      'counts what earlier exits closed',
      { ...held, closedQty: '7', exit: order('filled', { filledQty: '3' }) },
      finish('done', 'closed'),
    ],
    [
      'is done when all is closed',
      { ...held, exit: order('filled', { filledQty: '10' }) },
      finish('done', 'closed'),
    ],
    ['tries again when the broker rejected it', { ...held, exit: order('rejected') }, exit(2, '10', '101')],
    [
      'is not placed again at once when a person cancelled it',
      { ...held, exit: byHand(59_999) },
      wait('by_hand'),
    ],
    ['is placed again a while later', { ...held, exit: byHand(60_000) }, exit(2, '10', '101')],
    [
      'is never given up because the plan expired',
      { ...held, exit: order('expired'), plan: { expiresAtMs: 1 } },
      exit(2, '10', '101'),
    ],
  ])('%s', (_, view, action) => expect(next('exiting', view)).toEqual(action));
});

describe('a plan that a person asked to close', () => {
  const plan = { closeAskedMs: NOW_MS - 1_000 };
  const held = { heldQty: '10', plan };
  const close = (exitAttempt: number) => exit(exitAttempt, '10', '99.29', true);
  it.each<[string, Stage, Changes, Action]>([
    ['is withdrawn while it waits', 'waiting', { plan }, finish('withdrawn', 'withdrawn')],
    [
      'has its entry cancelled',
      'entering',
      { plan, entry: order('working') },
      { do: 'cancel_entry', reason: 'withdrawn' },
    ],
    [
      'gives back a reservation',
      'entering',
      { plan, entry: order('reserved') },
      { do: 'release', reason: 'withdrawn' },
    ],
    [
      'holds what its entry filled',
      'entering',
      { plan, entry: order('cancelled', { filledQty: '3' }) },
      { do: 'hold' },
    ],
    ['closes what it holds at the market', 'holding', held, close(1)],
    [
      'closes it, too, where it had no exit',
      'holding',
      { ...held, plan: { ...plan, takeProfit: '' } },
      close(1),
    ],
    ['waits for a price', 'holding', { ...held, price: undefined }, wait('no_price')],
    [
      'has its exit cancelled where that is short of its limit',
      'exiting',
      { ...held, exit: order('working', { limit: '101' }) },
      { do: 'cancel_exit' },
    ],
    [
      'leaves an exit that the price has reached',
      'exiting',
      { ...held, exit: order('working', { limit: '99' }) },
      wait('working'),
    ],
    ['goes on after the exit has ended', 'exiting', { ...held, exit: order('cancelled') }, close(2)],
    [
      'goes on though a person cancelled its exit before',
      'exiting',
      { ...held, exit: byHand(2_000) },
      close(2),
    ],
    [
      'pauses when a person cancels the closing order',
      'exiting',
      { ...held, exit: byHand(500) },
      wait('by_hand'),
    ],
    [
      'is done when all is closed',
      'exiting',
      { ...held, exit: order('filled', { filledQty: '10' }) },
      finish('done', 'closed'),
    ],
  ])('%s', (_, stage, view, action) => expect(next(stage, view)).toEqual(action));
});

it.each<Stage>(['done', 'withdrawn', 'expired'])('a plan that is %s does nothing', (stage) => {
  expect(next(stage, {})).toEqual(wait('ended'));
});

function wait(why: string): Action {
  return { do: 'wait', why };
}

function finish(stage: 'done' | 'withdrawn' | 'expired', reason: string): Action {
  return { do: 'finish', stage, reason };
}

function exit(exitAttempt: number, qty: string, limit: string, closing = false): Action {
  return { do: 'exit', exitAttempt, qty, limit, closing };
}
