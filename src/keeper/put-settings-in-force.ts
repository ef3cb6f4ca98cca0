/** Puts this keeper's settings in force when its term begins. */
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { mend } from '../ledger/commands/mend.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import type { SessionCaps } from './session-caps.ts';

export type PutInForceParts = {
  ledger: Ledger;
  rules: Settings;
  caps: Pick<SessionCaps, 'configure'>;
  log: Pick<Logger, 'warn'>;
};

/** @throws WorkstealError `unavailable`, `invalid` */
export async function putSettingsInForce({ ledger, rules, caps, log }: PutInForceParts): Promise<void> {
  const [before] = await answerOf(
    'settings',
    ledger.redis.hmget(key(ledger.account, 'settings'), 'fingerprint'),
  );
  if (before && before !== fingerprint(rules))
    log.warn({ before, now: fingerprint(rules) }, 'the settings in force change');
  await mend(ledger);
  await caps.configure().catch(async (error: unknown) => {
    // A key of the settings was damaged meanwhile; mending removes it.
    if (!(error instanceof WorkstealError) || error.code !== 'damaged') throw error;
    await mend(ledger);
    await caps.configure();
  });
  const [left, damaged] = await answerOf(
    'pools',
    ledger.redis.hmget(key(ledger.account, 'account'), 'pools_left', 'damaged'),
  );
  // A new pool has damaged the book, and a damaged book keeps the settings that its index was built by.
  if (damaged === '1') {
    await mend(ledger);
    await caps.configure();
  }
  if (left)
    log.warn(
      { pools: left },
      `pools ${left} are in use, but not in the settings; their caps hold until they are empty`,
    );
}
