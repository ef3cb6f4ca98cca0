/** Process faults: death, or a pause longer than leases, locks and jobs last. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isStopped } from '../../../support/process-table.ts';
import type { RoleName } from '../roles.ts';
import { over, pick, type Strike } from './strike.ts';

const STEPS: Readonly<Record<RoleName, readonly string[]>> = {
  watch: [
    'after_admit',
    'after_steal',
    'after_enqueue',
    'after_grant',
    'after_submit',
    'after_post',
    'after_open',
    'after_settle',
  ],
  work: ['after_cancel', 'after_settle'],
  keep: ['after_reconcile_orders', 'after_positions', 'after_sync', 'after_open', 'after_settle'],
};
/** So long a role that was told to stop at a step may take to come there. */
const PATIENCE_MS = 8_000;
const LOOK_MS = 50;

export const processStrikes: Readonly<Record<string, Strike>> = {
  async kill({ roles }, chance) {
    pick(roles, chance).kill();
    return over;
  },

  async stop({ roles }, chance) {
    const role = pick(roles, chance);
    role.stop();
    return async () => role.goOn();
  },

  async die_after_step({ roles }, chance) {
    const role = pick(roles, chance);
    const step = `${pick(STEPS[role.name], chance)}:${1 + Math.floor(6 * chance.next())}`;
    await role.replace({ WORKSTEAL_DIE_AFTER: step });
    return over;
  },

  async hang_after_step({ roles }, chance) {
    const role = pick(roles, chance);
    const step = `${pick(STEPS[role.name], chance)}:${1 + Math.floor(6 * chance.next())}`;
    await role.replace({ WORKSTEAL_HANG_AFTER: step });
    const untilMs = performance.now() + PATIENCE_MS;
    while (!isStopped(role.pid) && performance.now() < untilMs) await sleep(LOOK_MS);
    return async () => {
      // A process that never reached its step (a standby keeper) must not reach it later.
      if (isStopped(role.pid)) role.goOn();
      else role.kill();
    };
  },
};
