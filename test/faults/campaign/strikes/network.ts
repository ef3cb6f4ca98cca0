/** Network faults between one role and Redis, the broker or the bots. */
import type { Random } from '../../../../src/prices/random.ts';
import type { TcpProxy } from '../../../support/tcp-proxy.ts';
import type { Arena } from '../arena.ts';
import type { Role } from '../roles.ts';
import { pick, type Strike } from './strike.ts';

/** That to Redis or that to the broker. */
export function lineOf({ redis, broker }: Role, chance: Random): TcpProxy {
  return redis !== undefined && chance.next() < 0.5 ? redis : broker;
}

/** @param rolesOf those that are hurt */
export function networkStrikes(rolesOf: (arena: Arena) => readonly Role[]) {
  const onOneLine =
    (hurt: (line: TcpProxy, chance: number) => void): Strike =>
    async (arena, chance) => {
      const line = lineOf(pick(rolesOf(arena), chance), chance);
      hurt(line, chance.next());
      return async () => line.heal();
    };
  return {
    cut: onOneLine((line) => line.cut()),
    stall: onOneLine((line) => line.stall()),
    delay: onOneLine((line, chance) => line.delay(20 + Math.round(900 * chance))),
    reset_in_reply: onOneLine((line, chance) => line.resetInReply(1 + Math.floor(20 * chance))),

    /** A door does what it is asked for, and its answers are lost on their way to the bots. */
    async lost_answers(arena, chance) {
      const fronts = rolesOf(arena).flatMap(({ front }) => front ?? []);
      if (fronts.length === 0) throw new Error('there is no door');
      const front = pick(fronts, chance);
      front.resetInReply(1 + Math.floor(8 * chance.next()));
      return async () => front.heal();
    },
  } satisfies Record<string, Strike>;
}
