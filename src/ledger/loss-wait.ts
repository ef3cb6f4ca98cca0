/** The keeper's wait after a loss of the ledger (lua/keeper-note.lua), for whoever waits for entries. */
import { answerOf } from './answer.ts';
import { readClock } from './clock-reading.ts';
import type { Snapshot } from './commands/snapshot.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** The wait of the keeper for what was sent before the ledger was lost; undefined where it does not wait. */
export async function readLossWait(ledger: Ledger): Promise<{ leftMs: number; words: string } | undefined> {
  const fields = ledger.redis.hmget(key(ledger.account, 'account'), 'loss_wait_until_ms');
  const [until] = await answerOf('loss wait', fields);
  if (!until) return undefined;
  const { healthMs } = await readClock(ledger);
  return lossWait({ account: { loss_wait_until_ms: until }, healthMs });
}

export function lossWait({
  account,
  healthMs,
}: Pick<Snapshot, 'account' | 'healthMs'>): { leftMs: number; words: string } | undefined {
  const leftMs = Number(account['loss_wait_until_ms'] ?? 0) - healthMs;
  if (leftMs <= 0) return undefined;
  const seconds = Math.ceil(leftMs / 1_000);
  const words =
    `none for ${seconds} s more: an order sent before the ledger was lost, or this one began, may still ` +
    'reach the broker';
  return { leftMs, words };
}
