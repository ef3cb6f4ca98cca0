/**
 * Plays the person on call: reopens an account that stays closed because of another fleet that has ended.
 * Ending that fleet reopens the account too, but a failover may lose that write.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readClosures, reopen } from '../../../src/ledger/commands/closures.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Rivals } from './rivals.ts';

const LOOK_MS = 1_000;
/**
 * Looks in a row at which it was closed for that. A strike that waits for the closure has seen it by then.
 */
const LOOKS = 6;

/** Until the signal aborts. */
export async function stayOnCall(
  ledger: Ledger,
  rivals: Pick<Rivals, 'periods'>,
  signal: AbortSignal,
): Promise<void> {
  let seen = 0;
  while (!signal.aborted) {
    const isOther = rivals.periods.some(({ untilMs }) => untilMs > Date.now());
    const closures = isOther ? [] : await readClosures(ledger).catch(() => []);
    seen = closures.some(({ cause }) => cause === 'fleet') ? seen + 1 : 0;
    if (seen >= LOOKS) await reopen(ledger, 'fleet').catch(() => {});
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
