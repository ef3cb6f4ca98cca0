/**
 * Checks a Redis server's settings: unwise ones become warnings for a log, unusable ones an error. Never
 * changes a setting.
 */
import { WorkstealError } from '../domain/errors.ts';

/**
 * Warnings, one sentence each; empty for a server without any.
 * @param info the reply of INFO
 * @param where hosts and ports of the address, without its password
 */
export function adviceOn(info: string, where: string): string[] {
  const advice: string[] = [];
  // INFO has min_slaves_good_slaves only where min-replicas-to-write is above 0.
  const replicas = Number(infoField(info, 'connected_slaves') ?? 0);
  if (
    infoField(info, 'role') === 'master' &&
    replicas > 0 &&
    infoField(info, 'min_slaves_good_slaves') === undefined
  ) {
    advice.push(
      `${where} has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} and min-replicas-to-write ` +
        'is 0; set it to 1,' +
        ' or a master that is cut off keeps admitting orders next to its successor (docs/operations.md)',
    );
  }
  return advice;
}

/**
 * A server that evicts keys silently loses orders of the ledger.
 * @throws WorkstealError `settings` for such a server
 */
export function requireNoEviction(info: string, where: string): void {
  const policy = infoField(info, 'maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction' || infoField(info, 'maxmemory') === '0') return;
  const message =
    `${where} evicts keys when its memory is full (maxmemory-policy ${policy}), keys of the ledger ` +
    'included;' +
    ' run CONFIG SET maxmemory-policy noeviction there, and set the same in its redis.conf';
  throw new WorkstealError('settings', message, { where, policy });
}

/** The value of one field of INFO's reply; undefined where the reply does not have it. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
