/**
 * What of a server's settings is unwise for a ledger, as sentences for a log, and what can't be worked with.
 * Nothing is ever changed.
 */
import { WorkstealError } from '../domain/errors.ts';

/**
 * @param info what INFO answered
 * @param where hosts and ports of the address, without its password
 */
export function adviceOn(info: string, where: string): string[] {
  const advice: string[] = [];
  // A master tells how many of its replicas keep up only where it was told to care.
  const replicas = Number(infoField(info, 'connected_slaves') ?? 0);
  if (
    infoField(info, 'role') === 'master' &&
    replicas > 0 &&
    infoField(info, 'min_slaves_good_slaves') === undefined
  ) {
    advice.push(
      `${where}: it has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} and min-replicas-to-write is 0; set it to 1, or a master that was ` +
        'cut off goes on admitting orders beside the one that took its place (docs/operations.md)',
    );
  }
  return advice;
}

/**
 * A server that evicts keys loses orders of the ledger one by one, in silence.
 * @throws WorkstealError `settings`
 */
export function requireNoEviction(info: string, where: string): void {
  const policy = infoField(info, 'maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction' || infoField(info, 'maxmemory') === '0') return;
  const message = `${where} evicts keys when its memory is full (maxmemory-policy ${policy}), and keys of the ledger with them: CONFIG SET maxmemory-policy noeviction, and in its redis.conf`;
  throw new WorkstealError('settings', message, { where, policy });
}

/** A field of INFO's answer; undefined where it has none. */
export function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
