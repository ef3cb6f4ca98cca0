/** Process faults: death, a pause longer than leases, locks and jobs last, a line that is cut at a step. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../../src/prices/random.ts';
import { isStopped } from '../../../support/process-table.ts';
import type { Arena } from '../arena.ts';
import type { Role, RoleName } from '../roles.ts';
import { lineOf } from './network.ts';
import { over, pick, type Strike } from './strike.ts';

/** From the admission to the end. */
const OF_ORDERS = [
  'before_admit',
  'after_admit',
  'after_steal',
  'after_enqueue',
  'after_grant',
  'after_submit',
  'after_post',
  'after_open',
  'after_settle',
  'after_cancelling',
] as const;
const STEPS: Readonly<Record<RoleName, readonly string[]>> = {
  watch: OF_ORDERS,
  serve: OF_ORDERS,
  gateway: [...OF_ORDERS, 'after_replace', 'after_patch', 'after_amend'],
  work: ['after_cancel', 'after_settle'],
  keep: ['after_reconcile_orders', 'after_positions', 'after_sync', 'after_open', 'after_settle'],
};
/** So long a role that was told to stop at a step may take to come there. */
const PATIENCE_MS = 8_000;
const LOOK_MS = 50;
/** The bots at a door are few, and it answers nobody before it has started. */
const DOOR_TIMES = 2;
const DOOR_PATIENCE_MS = 12_000;

/** @param rolesOf those that are hurt */
export function processStrikes(rolesOf: (arena: Arena) => readonly Role[]) {
  return {
    async kill(arena, chance) {
      pick(rolesOf(arena), chance).kill();
      return over;
    },

    async stop(arena, chance) {
      const role = pick(rolesOf(arena), chance);
      role.stop();
      return async () => role.goOn();
    },

    async die_after_step(arena, chance) {
      const role = pick(rolesOf(arena), chance);
      await role.replace({ WORKSTEAL_DIE_AFTER: stepOf(role, chance) });
      return over;
    },

    async hang_after_step(arena, chance) {
      const role = pick(rolesOf(arena), chance);
      await hangAt(role, stepOf(role, chance));
      return async () => {
        // A process that never reached its step (a standby keeper) must not reach it later.
        if (isStopped(role.pid)) role.goOn();
        else role.kill();
      };
    },

    /** It stands at a step, its line to Redis or to the broker is cut, and it goes on without. */
    async cut_at_step(arena, chance) {
      const role = pick(rolesOf(arena), chance);
      const step = stepOf(role, chance);
      await hangAt(role, step);
      if (!isStopped(role.pid)) {
        role.kill();
        throw new Error(`${role.host} did not come to ${step}`);
      }
      const line = lineOf(role, chance);
      line.cut();
      role.goOn();
      return async () => line.heal();
    },
  } satisfies Record<string, Strike>;
}

function stepOf(role: Role, chance: Random): string {
  const step = pick(STEPS[role.name], chance);
  return `${step}:${1 + Math.floor((role.front === undefined ? 6 : DOOR_TIMES) * chance.next())}`;
}

/** Resolves when it has stopped there, or did not come there in time. */
async function hangAt(role: Role, step: string): Promise<void> {
  await role.replace({ WORKSTEAL_HANG_AFTER: step });
  const untilMs = performance.now() + (role.front === undefined ? PATIENCE_MS : DOOR_PATIENCE_MS);
  while (!isStopped(role.pid) && performance.now() < untilMs) await sleep(LOOK_MS);
}
