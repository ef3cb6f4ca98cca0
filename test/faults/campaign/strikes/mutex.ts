/** A mutex that is lost during a steal, or held by an idle process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { key } from '../../../../src/ledger/keys.ts';
import { over, type Strike } from './strike.ts';

const EVERY_MS = 3;

export const mutexStrikes: Readonly<Record<string, Strike>> = {
  async mutex_lost({ ledger }, _chance, lastsMs) {
    const until = performance.now() + lastsMs;
    while (performance.now() < until) {
      await ledger.redis.del(key(ledger.account, 'mutex')).catch(() => {});
      await sleep(EVERY_MS);
    }
    return over;
  },

  async mutex_held({ ledger }, _chance, lastsMs) {
    await ledger.redis
      .set(key(ledger.account, 'mutex'), 'somebody who hangs', 'PX', Math.max(1, lastsMs))
      .catch(() => {});
    return over;
  },
};
