/** The small parts of a watcher: pauses, prices, live orders, statistics. */
import { describe, expect, it } from 'vitest';
import { LiveOrders } from '../../src/watcher/live-orders.ts';
import { entryId, entryOf, exitId, isExitId } from '../../src/watcher/plan/order-ids.ts';
import { RetryBackoff } from '../../src/watcher/plan/retry-backoff.ts';
import { PriceBoard } from '../../src/watcher/price-board.ts';
import { WatcherStats } from '../../src/watcher/stats.ts';

describe('a refused plan', () => {
  it('waits 100 ms, then twice as long each time, and at most 5 s', () => {
    const pause = new RetryBackoff();
    const lengths: number[] = [];
    for (let nowMs = 0, times = 0; times < 8; times += 1) {
      pause.begin('no_candidates', nowMs, 0.5);
      let length = 0;
      while (pause.isOn(nowMs + length)) length += 1;
      lengths.push(length);
      nowMs += length;
    }
    expect(lengths).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('starts anew when the reason changes, and goes on growing when it was only let off', () => {
    const pause = new RetryBackoff();
    pause.begin('no_candidates', 0, 0.5);
    pause.lift();
    expect(pause.isOn(0)).toBe(false);
    pause.begin('no_candidates', 0, 0.5);
    expect([pause.isOn(199), pause.isOn(200)]).toEqual([true, false]);
    pause.begin('pnl_not_better', 0, 0.5);
    expect([pause.isOn(99), pause.isOn(100)]).toEqual([true, false]);
  });

  it.each([
    ['order', [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]],
    ['opposite', [1, 2, 4, 8, 16, 30, 30]],
    ['exit_rejected', [1, 2, 4, 8, 16, 30, 30]],
  ] as const)(
    'by the broker (%s) waits a second, then twice as long each time, whatever comes in between',
    (reason, seconds) => {
      const pause = new RetryBackoff();
      let nowMs = 0;
      const lengths = seconds.map(() => {
        pause.refused(reason, nowMs, 0.5);
        let length = 0;
        while (pause.isOn(nowMs + length)) length += 100;
        nowMs += length;
        pause.begin('not_close_enough', nowMs, 0.5);
        pause.clear(); // the broker took it, and then refused it
        return length / 1_000;
      });
      expect(lengths).toEqual(seconds);
    },
  );

  it('by the broker starts anew when it was not for long', () => {
    const pause = new RetryBackoff();
    for (const nowMs of [0, 1_000, 3_000]) pause.refused('order', nowMs, 0.5);
    pause.refused('order', 7_000 + 8_001, 0.5);
    expect([pause.isOn(16_000), pause.isOn(16_001)]).toEqual([true, false]);
  });

  it('by the ledger as `opposite` waits as for room, not as for a broker’s refusal', () => {
    const pause = new RetryBackoff();
    pause.refused('opposite', 0, 0.5);
    expect([pause.isOn(999), pause.reason, pause.refusedFor]).toEqual([true, '', 'opposite']);
    pause.begin('opposite', 1_000, 0.5);
    expect([pause.isOn(1_099), pause.isOn(1_100), pause.reason, pause.refusedFor]).toEqual([
      true,
      false,
      'opposite',
      '',
    ]);
  });

  it('goes on where its last host left it', () => {
    const first = new RetryBackoff();
    for (const nowMs of [0, 1_000, 3_000]) first.refused('order', nowMs, 0.5);
    expect(first.toKeep(4_000)).toEqual({ pausedFor: 'order', pauseMs: 3_000, refused: 3 });
    const next = RetryBackoff.kept({ pausedFor: 'order', refused: 3, pauseLeftMs: 3_000, waitMs: 0 }, 50_000);
    expect([next.isOn(52_999), next.isOn(53_000), next.refusedFor]).toEqual([true, false, 'order']);
    next.refused('order', 53_000, 0.5);
    expect([next.isOn(60_999), next.isOn(61_000)]).toEqual([true, false]);
    const later = RetryBackoff.kept({ pausedFor: '', refused: 3, pauseLeftMs: -8_001, waitMs: 0 }, 50_000);
    later.refused('order', 50_000, 0.5);
    expect([later.isOn(50_999), later.isOn(51_000)]).toEqual([true, false]);
  });

  it('that began too many attempts is let off by nobody', () => {
    const pause = new RetryBackoff();
    pause.hold(6_000);
    pause.begin('no_candidates', 0, 0.5);
    pause.lift();
    pause.clear();
    expect([pause.isOn(5_999), pause.isOn(6_000)]).toEqual([true, false]);
  });

  it('spreads by a quarter to both sides', () => {
    const pause = new RetryBackoff();
    pause.begin('unsynced', 0, 0);
    expect([pause.isOn(74), pause.isOn(75)]).toEqual([true, false]);
  });

  it('leaves its robber alone for a second', () => {
    const pause = new RetryBackoff();
    pause.begin('robbed', 0, 0.5);
    expect([pause.isOn(999), pause.isOn(1000)]).toEqual([true, false]);
  });
});

describe('prices', () => {
  it('are none when they are older than the rules allow, their age on arrival included', () => {
    let nowMs = 0;
    const board = new PriceBoard(15_000, () => nowMs);
    board.put([{ symbol: 'AAPL', price: '200', ageMs: 5_000 }]);
    nowMs = 10_000;
    expect(board.price('AAPL')).toBe('200');
    nowMs = 10_001;
    expect(board.price('AAPL')).toBeUndefined();
  });
});

describe('live orders', () => {
  const event = (type: string, order: string) => ({ id: '1-1', type, fields: { order, symbol: 'AAPL' } });

  it('are the entries that events tell of', () => {
    const live = new LiveOrders();
    live.note(event('reserved', 'p_1'));
    live.note(event('working', 'q_x1'));
    expect(live.entries('AAPL')).toEqual(['p_1']);
    live.note(event('ended', 'p_1'));
    expect(live.entries('AAPL')).toEqual([]);
  });

  it('are what a snapshot says when events were missed', async () => {
    const live = new LiveOrders();
    live.note(event('working', 'p_1'));
    await live.rebuild(async () => [
      { id: 'by-hand', symbol: 'MSFT', kind: 'external' },
      { id: 'q_x1', symbol: 'MSFT', kind: 'exit' },
    ]);
    expect([live.entries('AAPL'), live.entries('MSFT')]).toEqual([[], ['by-hand']]);
  });

  it('an event that comes while the snapshot is taken is not forgotten', async () => {
    const live = new LiveOrders();
    await live.rebuild(async () => {
      live.note(event('ended', 'q_1'));
      live.note(event('working', 'p_1'));
      return [{ id: 'q_1', symbol: 'AAPL', kind: 'entry' }];
    });
    expect(live.entries('AAPL')).toEqual(['p_1']);
  });

  it('tell under which attempt an entry of a plan is live, one that was found at the broker too', () => {
    const live = new LiveOrders();
    live.note(event('working', 'p_1'));
    live.note(event('adopted', 'p_2'));
    live.note(event('adopted', 'p_x9'));
    live.note(event('ended', 'p_1'));
    expect([live.attemptOf('p'), live.entries('AAPL'), live.attemptOf('q')]).toEqual([2, ['p_2'], undefined]);
    live.note(event('ended', 'p_2'));
    expect(live.attemptOf('p')).toBeUndefined();
  });

  it('stay as they are when the snapshot fails', async () => {
    const live = new LiveOrders();
    live.note(event('working', 'p_1'));
    await expect(live.rebuild(() => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
    expect(live.entries('AAPL')).toEqual(['p_1']);
  });
});

it('order ids are functions of plan and attempt', () => {
  expect([entryId({ id: 'p' }, 3), exitId({ id: 'p' }, 2)]).toEqual(['p_3', 'p_x2']);
  expect([isExitId('p_3'), isExitId('p_x2')]).toEqual([false, true]);
  expect([entryOf('a_b_12'), entryOf('p_x2'), entryOf('by-hand'), entryOf('p_0')]).toEqual([
    { plan: 'a_b', attempt: 12 },
    undefined,
    undefined,
    undefined,
  ]);
});

it('statistics are what is new since the last report, with a bounded number of samples', () => {
  const stats = new WatcherStats();
  for (let i = 0; i < 1_500; i += 1) stats.took('admit', i);
  stats.admitted('stolen');
  stats.refused('no_price');
  const first = stats.take(7);
  expect(first).toMatchObject({
    type: 'stats',
    plans: 7,
    admitted: 1,
    stolen: 1,
    fits: 0,
    refused: { no_price: 1 },
  });
  expect(first.latencyMs.admit).toHaveLength(1_000);
  expect(first.latencyMs.admit).toContain(1_499);
  expect(stats.take(7)).toMatchObject({ admitted: 0, refused: {}, latencyMs: { admit: [] } });
});
