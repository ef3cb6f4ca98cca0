/** Network faults between one role and Redis or the broker. */
import type { TcpProxy } from '../../../support/tcp-proxy.ts';
import { pick, type Strike } from './strike.ts';

function onOneLine(hurt: (line: TcpProxy, chance: number) => void): Strike {
  return async ({ roles }, chance) => {
    const role = pick(roles, chance);
    const line = role.redis !== undefined && chance.next() < 0.5 ? role.redis : role.broker;
    hurt(line, chance.next());
    return async () => line.heal();
  };
}

export const networkStrikes: Readonly<Record<string, Strike>> = {
  cut: onOneLine((line) => line.cut()),
  stall: onOneLine((line) => line.stall()),
  delay: onOneLine((line, chance) => line.delay(20 + Math.round(900 * chance))),
  reset_in_reply: onOneLine((line, chance) => line.resetInReply(1 + Math.floor(20 * chance))),
};
