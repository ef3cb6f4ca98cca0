/**
 * Faults of a cancellation's job in BullMQ: it stalls and runs twice, is lost, waits behind thousands, or has
 * failed before under the same id. Because of the ledger's outbox each cancellation is carried out, and
 * settled exactly once (I6, I9).
 */
import { Queue, Worker } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelOrder } from '../../src/cancels/cancel-order.ts';
import { PastQueue } from '../../src/cancels/past-queue.ts';
import { CANCEL_QUEUE, CancelQueue, jobIdOf, queuePrefix } from '../../src/cancels/queue.ts';
import { Relay } from '../../src/cancels/relay.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { key, keyPrefix } from '../../src/ledger/keys.ts';
import { useLedgers } from '../support/fixtures.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };
const WAITING = 5_000;
const LOT = 500;
const VICTIM = { steal: 'better', victim: 'worse' };
const log = { debug: () => {}, info: () => {}, warn: () => {} };

const ledgers = useLedgers();
let account: TestAccount;
let queue: CancelQueue;
const closing: (() => unknown)[] = [];

/** A steal is committed: `worse` is to be cancelled for `better`, and stands in the outbox. */
beforeEach(async () => {
  account = await ledgers.account();
  await account.prices({ ETH: '10.05', UNI: '10.01' });
  await account.place(anOrder('worse').of('ETH').worth(900).pnl('1'));
  await account.prices({ ETH: '11' });
  expect(await account.steal(anOrder('better').of('UNI').worth(900).pnl('9'))).toMatchObject({
    outcome: 'stolen',
  });
  queue = new CancelQueue(ledgers.url, account.name);
  closing.push(() => queue.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The broker of one worker, at which the victim is live. */
async function aBroker(): Promise<InstantBroker> {
  const broker = new InstantBroker();
  await broker.submit(anOrder('worse').of('ETH').worth(900).wish);
  return broker;
}

/** @returns what its jobs come to. `concurrency`: jobs that it works on at a time */
async function aWorker(broker: InstantBroker, concurrency = 50): Promise<string[]> {
  const outcomes: string[] = [];
  const onDone = (outcome: string): void => void outcomes.push(outcome);
  const common = { ledger: account.ledger, log, step: () => {}, firstPauseMs: 1, url: ledgers.url };
  const worker = new CancelWorker({ ...common, broker, concurrency, onDone });
  closing.push(() => worker.close());
  await worker.ready();
  return outcomes;
}

/** Recovery, as every worker and the keeper run it. */
function recover(): void {
  const stopping = new AbortController();
  const running = new Relay({ ledger: account.ledger, queue, log }).run(stopping.signal);
  closing.push(async () => {
    stopping.abort();
    await running;
  });
}

/** The queue as BullMQ shows it. */
function plainQueue(): Queue {
  const { hostname: host, port } = new URL(ledgers.url);
  const plain = new Queue(CANCEL_QUEUE, {
    connection: { host, port: Number(port) },
    prefix: queuePrefix(account.name),
  });
  closing.push(() => plain.close());
  return plain;
}

/**
 * The victim's cancellation was told to the ledger once, its room is the thief's, and nothing waits any more.
 */
async function expectSettledOnce(): Promise<void> {
  await expect.poll(async () => (await account.order('worse')).state, PATIENCE).toBe('cancelled');
  const events = await account.ledger.redis.xrange(key(account.name, 'events'), '-', '+');
  const ends = events.filter(([, fields]) => fields.includes('ended') && fields.includes('worse'));
  expect(ends).toHaveLength(1);
  expect(await account.order('better')).toMatchObject({ state: 'reserved', heldMicros: 900_000_000 });
  expect(await account.used()).toBe(900_000_000);
  expect(await account.outbox()).toEqual([]);
  await account.expectSound();
}

describe('the cancellation is carried out and settled once though its job', () => {
  it('stalled and runs twice at a time', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const slow = await aBroker();
    const asked = Promise.withResolvers<void>();
    const cancelled = slow.cancel.bind(slow);
    slow.cancel = async (...args) => {
      asked.resolve();
      await answered;
      return await cancelled(...args);
    };
    const first = await aWorker(slow, 1); // it has no hand free for the second run
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    await asked.promise;
    // As if the worker had not renewed it in time: the lock is lost while the worker continues.
    await account.ledger.redis.del(`${queuePrefix(account.name)}:${CANCEL_QUEUE}:${jobIdOf(VICTIM)}:lock`);
    const second = await aWorker(await aBroker());
    await expectSettledOnce();
    expect(second).toEqual(['settled']);
    slow.turn('worse', 'cancelled');
    answer();
    await expect.poll(() => slow.cancelled.length, PATIENCE).toBe(1);
    expect(first).toEqual([]);
    await expectSettledOnce();
  });

  it('was lost with the whole queue', async () => {
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    const ours = await account.ledger.redis.keys(`${keyPrefix(account.name)}${CANCEL_QUEUE}:*`);
    expect(ours).toContain(`${queuePrefix(account.name)}:${CANCEL_QUEUE}:${jobIdOf(VICTIM)}`);
    await account.ledger.redis.del(...ours);
    await aWorker(await aBroker());
    recover();
    await expectSettledOnce();
  });

  it('waits in a paused queue: an idle worker carries it out without the queue, and logs it', async () => {
    const plain = plainQueue();
    await plain.pause();
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    const broker = await aBroker();
    const outcomes = await aWorker(broker);
    const warnings: string[] = [];
    const stopping = new AbortController();
    const past = new PastQueue({
      queue,
      idleMs: () => 5_000,
      carryOut: ({ victim }, signal) =>
        cancelOrder({ ledger: account.ledger, broker, log, step: () => {}, firstPauseMs: 1 }, victim, signal),
      signal: stopping.signal,
      log: { info: () => {}, warn: (_: object, message: string) => void warnings.push(message) } as never,
    });
    const relay = new Relay({
      ledger: account.ledger,
      queue,
      log,
      minAgeMs: 0,
      overdueMs: 0,
      onOverdue: (jobs) => past.take(jobs),
    });
    await relay.pass();
    await expectSettledOnce();
    expect(warnings).toEqual([
      '1 cancellations are overdue and the cancel queue gives no jobs: it is paused; they are carried ' +
        'out without it',
    ]);
    await plain.resume();
    await expect.poll(() => outcomes, PATIENCE).toEqual(['ended']);
    stopping.abort();
  });

  it('is left to the queue by a worker that gets jobs, and where one has it or put it off', async () => {
    const taken: string[] = [];
    const carryOut = async ({ victim }: { victim: string }) => taken.push(victim);
    const past = (idleMs: number) =>
      new PastQueue({ queue, idleMs: () => idleMs, carryOut, signal: new AbortController().signal, log });
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    await past(4_999).take([VICTIM]);
    expect(taken).toEqual([]);
    const broker = await aBroker();
    broker.nextCancels('stick');
    const asked = Promise.withResolvers<void>();
    broker.onQuestion = () => asked.resolve();
    await aWorker(broker);
    await asked.promise;
    await past(5_000).take([VICTIM]);
    expect(taken).toEqual([]);
    broker.turn('worse', 'cancelled');
    await expectSettledOnce();
  });

  it('was removed while it waited', async () => {
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    expect(await plainQueue().remove(jobIdOf(VICTIM))).toBe(1);
    await aWorker(await aBroker());
    recover();
    await expectSettledOnce();
  });

  it(`waits behind ${WAITING} others`, async () => {
    // In batches of recovery's size: each has two seconds.
    const others = Array.from({ length: WAITING }, (_, at) => ({ steal: 'gone', victim: `gone-${at}` }));
    for (let from = 0; from < WAITING; from += LOT) await queue.enqueueAll(others.slice(from, from + LOT));
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    expect((await plainQueue().getJobCounts('waiting'))['waiting']).toBe(WAITING + 1);
    const outcomes = await aWorker(await aBroker());
    await expectSettledOnce();
    await expect.poll(() => outcomes.length, PATIENCE).toBe(WAITING + 1);
    expect(outcomes.filter((outcome) => outcome !== 'unknown')).toEqual(['settled']);
  });

  it.each([
    ['failed', { removeOnFail: false }],
    ['was completed', { removeOnComplete: false }],
  ])('%s before and was kept, so that its successor is taken for the same', async (_, keep) => {
    const plain = plainQueue();
    await plain.add('cancel', VICTIM, { jobId: jobIdOf(VICTIM), attempts: 1, ...keep });
    const work = async (): Promise<void> => {
      if ('removeOnFail' in keep) throw new Error('it fails');
    };
    const worker = new Worker(CANCEL_QUEUE, work, {
      connection: plain.opts.connection,
      prefix: queuePrefix(account.name),
    });
    await new Promise<void>((resolve) =>
      worker.once('removeOnFail' in keep ? 'failed' : 'completed', () => resolve()),
    );
    await worker.close();
    await queue.enqueue(VICTIM.steal, [VICTIM.victim]);
    expect(await plain.getJobState(jobIdOf(VICTIM))).toBe('removeOnFail' in keep ? 'failed' : 'completed');
    await aWorker(await aBroker());
    recover();
    await expectSettledOnce();
  });
});
