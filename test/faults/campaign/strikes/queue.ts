/** Faults of BullMQ's jobs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { CANCEL_QUEUE, queuePrefix } from '../../../../src/cancels/queue.ts';
import { key } from '../../../../src/ledger/keys.ts';
import { connect } from '../../../../src/redis/connect.ts';
import type { Arena } from '../arena.ts';
import { over, type Strike } from './strike.ts';

const FULL = 3_000;
const FAILED = 30;
const LIMIT_MS = 4_000;
const RESUME_TRIES = 40;
const RESUME_PAUSE_MS = 250;

async function onQueue({ redisUrl, ledger }: Arena, work: (queue: Queue) => Promise<unknown>): Promise<void> {
  const connection = connect(redisUrl, ledger.account, { maxRetriesPerRequest: 1, commandTimeout: LIMIT_MS });
  connection.on('error', () => {});
  const queue = new Queue(CANCEL_QUEUE, { connection, prefix: queuePrefix(ledger.account) });
  queue.on('error', () => {});
  try {
    await work(queue);
  } catch {
    // Redis is away: there is no queue to damage
  } finally {
    await queue.close().catch(() => {});
    connection.disconnect();
  }
}

export const queueStrikes: Readonly<Record<string, Strike>> = {
  /** Somebody pressed the button of a dashboard. */
  async paused_queue(arena) {
    await onQueue(arena, (queue) => queue.pause());
    return async () => {
      for (let tries = 0; tries < RESUME_TRIES; tries += 1) {
        let resumed = false;
        await onQueue(arena, async (queue) => {
          await queue.resume();
          resumed = true;
        });
        if (resumed) return;
        await sleep(RESUME_PAUSE_MS);
      }
    };
  },

  /** Every job vanishes, those under way included. */
  async lost_jobs({ ledger }) {
    const { redis, account } = ledger;
    try {
      let cursor = '0';
      do {
        const [next, keys] = await redis.scan(
          cursor,
          'MATCH',
          key(account, `${CANCEL_QUEUE}:*`),
          'COUNT',
          5_000,
        );
        if (keys.length > 0) await redis.unlink(...keys);
        cursor = next;
      } while (cursor !== '0');
    } catch {
      // Redis is away: the jobs are as good as lost
    }
    return over;
  },

  /** Thousands of jobs for orders that nobody knows stand before the real ones. */
  async full_queue(arena, chance) {
    const from = Math.floor(1e9 * chance.next());
    const jobs = Array.from({ length: FULL }, (_, at) => {
      const victim = `nobody-${from + at}`;
      return {
        name: 'cancel',
        data: { steal: 'full', victim },
        opts: { jobId: `full.${victim}`, removeOnComplete: true, removeOnFail: true },
      };
    });
    await onQueue(arena, (queue) => queue.addBulk(jobs));
    return over;
  },

  /**
   * Jobs of the ids that live victims' cancellations will have, failed and kept: each would swallow the real
   * one.
   */
  async failed_job_kept(arena) {
    const { redis, account } = arena.ledger;
    const live = (await redis.srandmember(key(account, 'live'), FAILED).catch(() => [])) ?? [];
    await onQueue(arena, (queue) =>
      queue.addBulk(
        live.map((victim) => ({
          name: 'cancel',
          data: { steal: 'cancel', victim: '' },
          opts: { jobId: `cancel.${victim}`, attempts: 1, removeOnFail: false },
        })),
      ),
    );
    return over;
  },
};
