/**
 * Malformed jobs in the cancel queue: each fails permanently with a reason that names the field. The worker
 * continues with valid jobs, and the ledger does not change.
 */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CANCEL_QUEUE, CancelQueue, queuePrefix } from '../../src/cancels/queue.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, type Chance, chanceOf } from './input/chance.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { spoilText } from './input/spoil.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };

let book: AttackedBook;
let connection: Redis;
let queue: Queue;
beforeAll(async () => {
  book = await attackedBook();
  connection = new Redis(book.redis.url, { maxRetriesPerRequest: null });
  queue = new Queue(CANCEL_QUEUE, { connection, prefix: queuePrefix(book.account.name) });
});
afterAll(async () => {
  await queue.close();
  connection.disconnect();
  await book.close();
});

/** Never a right job: its victim is no id. */
function spoiledData(chance: Chance): unknown {
  const whole = [
    null,
    1,
    'x',
    true,
    [],
    {},
    [[]],
    { victim: 'a b' },
    { steal: 's' },
    '__proto__',
    'x'.repeat(100_000),
    { steal: {}, victim: [] },
  ];
  if (chance.once(3)) return chance.pick(whole);
  const data = spoilLeaves({ steal: 's', victim: 'victim', more: { deep: [1] } }, chance);
  return {
    ...data,
    victim: chance.once(2) ? { victim: data.victim } : `${spoilText('victim', chance).slice(0, 10_000)}:`,
  };
}

const json = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'null',
  );

it('malformed jobs fail for good, and the worker lives on', async () => {
  const chance = chanceOf('cancel jobs');
  const { account, witness } = book;
  const broker = new InstantBroker();
  const failures: string[] = [];
  const outcomes: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (facts: object) => void failures.push(String((facts as { err?: Error }).err?.message)),
  };
  const options = { url: book.redis.url, ledger: account.ledger, broker, step: () => {}, log };
  const worker = new CancelWorker({ ...options, onDone: (outcome) => void outcomes.push(outcome) });
  try {
    await worker.ready();
    const count = Math.ceil(CALLS / 10);
    const opts = { attempts: 20, backoff: { type: 'custom' }, removeOnComplete: true, removeOnFail: true };
    await queue.addBulk(
      Array.from({ length: count }, () => ({ name: 'cancel', data: json(spoiledData(chance)), opts })),
    );
    await expect.poll(() => outcomes.length, PATIENCE).toBe(count);
    expect(new Set(outcomes)).toEqual(new Set(['failed']));
    for (const message of failures)
      if (!/^invalid: malformed cancel job: /.test(message)) expect.fail(message);
    expect(failures).toHaveLength(count);
    expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });

    // Not even JSON: written by hand into the queue's own keys.
    const job = await queue.add('cancel', {}, { ...opts, delay: 100_000 });
    await connection.hset(`${queuePrefix(account.name)}:${CANCEL_QUEUE}:${job.id}`, 'data', '{');
    await job.promote().catch(() => {});

    expect((await witness.changed()).filter((name) => !name.includes(`:${CANCEL_QUEUE}:`))).toEqual([]);
    const cancels = new CancelQueue(book.redis.url, account.name);
    await cancels.enqueue('cancel', ['reserved']);
    await cancels.close();
    await expect.poll(() => outcomes, PATIENCE).toContain('not_cancelling');
    expect((await witness.changed()).filter((name) => !name.includes(`:${CANCEL_QUEUE}:`))).toEqual([]);
  } finally {
    await worker.close();
  }
});
