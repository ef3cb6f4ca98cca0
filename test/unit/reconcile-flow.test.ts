/** When a reconciliation happens, how updates queue, and how long a lost ledger waits. */
import { describe, expect, it } from 'vitest';
import type { BrokerOrder } from '../../src/broker/port.ts';
import { LossWait } from '../../src/keeper/loss-wait.ts';
import { ReconcileSchedule } from '../../src/keeper/reconcile-schedule.ts';
import { UpdateQueue } from '../../src/keeper/update-queue.ts';

const NEVER_MS = 600_000;
const monotonicMs = () => performance.now();

const update = (brokerId: string, status: string): BrokerOrder => ({
  ...{
    id: brokerId,
    brokerId,
    symbol: 'AAPL',
    side: 'buy',
    limit: '1',
    qty: '1',
    filledQty: '0',
    filledAvgPrice: null,
  },
  ...{ state: 'live', status },
});

describe('ReconcileSchedule', () => {
  it('are never two at once; what is asked for meanwhile is one more', async () => {
    const stop = new AbortController();
    const begun: (readonly string[])[] = [];
    let running = 0;
    const rounds: ReconcileSchedule = new ReconcileSchedule({
      async round(reasons) {
        running += 1;
        expect(running).toBe(1);
        begun.push(reasons);
        if (begun.length === 1) for (const reason of ['a', 'b', 'a']) rounds.ask(reason);
        if (begun.length === 2) stop.abort();
        await Promise.resolve();
        running -= 1;
        return false;
      },
      ...{ onFailure: (error) => expect.fail(String(error)), everyMs: NEVER_MS, monotonicMs },
    });
    rounds.ask('start');
    await rounds.run(stop.signal);
    expect(begun).toEqual([['start'], ['a', 'b']]);
  });

  it('come again by themselves, after a failure and when one wants another', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const rounds = new ReconcileSchedule({
      async round(reasons) {
        seen.push(reasons.join());
        if (seen.length === 1) throw new Error('no answer');
        if (seen.length === 4) stop.abort();
        return seen.length === 3;
      },
      ...{
        onFailure: (error, reasons) => seen.push(`${(error as Error).message} ${reasons.join()}`),
        everyMs: 5,
        monotonicMs,
      },
    });
    rounds.ask('start');
    await rounds.run(stop.signal);
    expect(seen).toEqual(['start', 'no answer start', 'start,failed', 'seen_once']);
  });
});

describe('Updates', () => {
  it('are applied in order for each order, and side by side across orders', async () => {
    const applied: string[] = [];
    const gates = new Map<string, () => void>();
    const updates = new UpdateQueue({
      async apply({ id, status }) {
        if (status === 'first') await new Promise<void>((resolve) => gates.set(id, resolve));
        applied.push(`${id} ${status}`);
      },
      onOverflow: () => expect.fail('overflow'),
    });
    for (const status of ['first', 'second']) for (const id of ['a', 'b']) updates.push(update(id, status));
    expect([...gates.keys()]).toEqual(['a', 'b']);
    gates.get('b')?.();
    await expect.poll(() => applied).toEqual(['b first', 'b second']);
    gates.get('a')?.();
    await expect.poll(() => applied).toEqual(['b first', 'b second', 'a first', 'a second']);
  });

  it('are held back while paused, and bounded', async () => {
    const applied: string[] = [];
    let dropped = 0;
    const updates = new UpdateQueue({
      apply: async ({ status }) => void applied.push(status),
      onOverflow: () => {
        dropped += 1;
      },
      limit: 3,
    });
    await updates.pause();
    for (const status of ['1', '2', '3', '4', '5']) updates.push(update('a', status));
    expect({ applied, dropped }).toEqual({ applied: [], dropped: 2 });
    updates.resume();
    await expect.poll(() => applied).toEqual(['1', '2', '3']);
  });

  it('a pause waits for what is under way', async () => {
    let finish = () => {};
    const updates = new UpdateQueue({
      apply: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      onOverflow: () => {},
    });
    updates.push(update('a', 'new'));
    let paused = false;
    const pausing = updates.pause().then(() => {
      paused = true;
    });
    await Promise.resolve();
    expect(paused).toBe(false);
    finish();
    await pausing;
  });
});

describe('After a loss', () => {
  const LEASE_MS = 40;
  const { signal } = new AbortController();
  const took = async (work: () => Promise<unknown>) => {
    const startedMs = monotonicMs();
    await work();
    return monotonicMs() - startedMs;
  };
  const empty = async () => true;
  const busy = async () => false;

  it('nobody waits at the first start of an empty account', async () => {
    const told: number[] = [];
    const lossWait = new LossWait(NEVER_MS, monotonicMs, async (leftMs) => void told.push(leftMs));
    await lossWait.pass(false, empty, signal);
    expect(told).toEqual([]);
  });

  it.each([
    ['the ledger has a past', true, empty],
    ['the broker shows one', false, busy],
  ])('a lease is waited out when %s', async (_, hasPast, isEmpty) => {
    // A timer may fire up to a millisecond early.
    expect(
      await took(() => new LossWait(LEASE_MS, monotonicMs).pass(hasPast, isEmpty, signal)),
    ).toBeGreaterThanOrEqual(LEASE_MS - 2);
  });

  it('a wait is told once for a loss, with what is left of it', async () => {
    const told: number[] = [];
    const leaseMs = 500;
    const lossWait = new LossWait(leaseMs, monotonicMs, async (leftMs) => void told.push(leftMs));
    const passes = () => lossWait.pass(true, busy, signal);
    lossWait.begin();
    const given = new AbortController();
    const first = lossWait.pass(true, busy, given.signal);
    given.abort();
    await expect(first).rejects.toThrow();
    await passes();
    await passes();
    expect(told).toHaveLength(1);
    expect(told[0]).toBeGreaterThan(0);
    expect(told[0]).toBeLessThanOrEqual(leaseMs);
    lossWait.begin();
    await passes();
    expect(told).toHaveLength(2);
    await new LossWait(LEASE_MS, monotonicMs, async () => void told.push(0)).pass(false, empty, signal);
    expect(told).toHaveLength(2);
  });

  it('a lease is waited out when this keeper saw it in step before, once for a loss', async () => {
    const told: number[] = [];
    const lossWait = new LossWait(LEASE_MS, monotonicMs, async (leftMs) => void told.push(leftMs));
    lossWait.synced();
    expect(await took(() => lossWait.pass(false, empty, signal))).toBeGreaterThanOrEqual(LEASE_MS - 2);
    await lossWait.pass(false, empty, signal);
    expect(told).toHaveLength(1);
    lossWait.synced();
    expect(await took(() => lossWait.pass(false, empty, signal))).toBeGreaterThanOrEqual(LEASE_MS - 2);
  });
});
