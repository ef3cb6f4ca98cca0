/**
 * A cancel worker: carries out the outbox's entries with the product's own `cancelOrder`, any number of times
 * (I9).
 */
import type { Logger } from 'pino';
import type { Broker } from '../../../src/broker/port.ts';
import { cancelOrder } from '../../../src/cancels/cancel-order.ts';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { answerOf } from '../../../src/ledger/answer.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { unlessUnanswered } from './watcher.ts';
import type { Life, World } from './world.ts';

const PAUSE_MS = 1_000;

export type WorkerParts = { world: World; life: Life; ledger: Ledger; broker: Broker; log: Logger };

export async function work({ world, life, ledger, broker, log }: WorkerParts): Promise<void> {
  const signal = new AbortController().signal;
  const pauses = { firstPauseMs: 200, longestPauseMs: 2_000, questions: 8, notFoundPauseMs: 1_000 };
  while (life.alive) {
    const entries = await unlessUnanswered(() =>
      answerOf('outbox', ledger.redis.xrange(key(ledger.account, 'outbox'), '-', '+')),
    );
    const ids = (entries ?? []).flatMap(([, [, , , victims = '']]) => victims.split(' '));
    const id = world.pick(ids);
    if (id !== undefined) {
      const done = await cancelOrder({ ledger, broker, log, step: () => {}, ...pauses }, id, signal).catch(
        unclear,
      );
      world.count(`cancelled: ${done?.outcome ?? 'not yet'}`);
    }
    await world.sleep(life, id === undefined ? 2 * PAUSE_MS : PAUSE_MS);
  }
}

/** Nobody could tell, or a contradiction: the job is tried again, and the keeper compares. */
function unclear(error: unknown): undefined {
  if (!(error instanceof WorkstealError) || (!error.retriable && error.code !== 'contradiction')) throw error;
}
