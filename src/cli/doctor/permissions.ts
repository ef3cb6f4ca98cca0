/** What a Redis user may do, of what the roles need. Nothing is carried out (ACL DRYRUN). */
import type { Redis } from 'ioredis';
import { bad, type Finding, unknown, well, wordsOf } from '../../inspection/check/finding.ts';
import { claimKey } from '../../ledger/claims.ts';
import { key } from '../../ledger/keys.ts';

type Command = readonly [name: string, ...args: string[]];

const NO_SCRIPT = '0'.repeat(40);
const NEXT = "as an administrator: ACL GETUSER of this user; docs/security.md has each role's rights";

/** For each role, commands that its work begins with. */
function needsOf(account: string): Readonly<Record<string, readonly Command[]>> {
  const of = (name: string): string => key(account, name);
  return {
    'every role': [
      ['info'],
      ['time'],
      ['evalsha', NO_SCRIPT, '1', of('account')],
      ['hset', of('account'), 'field', 'value'],
      ['xadd', of('events'), '*', 'field', 'value'],
    ],
    watch: [
      ['set', of('mutex'), 'value'],
      ['zadd', of('mutex_waiting'), '0', 'name'],
    ],
    work: [['bzpopmin', of('cancel:marker'), '1']],
    keep: [
      ['set', of('keeper'), 'value'],
      ['set', claimKey('number'), 'value'],
    ],
  };
}

/** May the user of this connection run what the roles run? Unknown where it may not ask. */
export async function permissionFinding(redis: Redis, account: string): Promise<Finding> {
  let user = '';
  try {
    user = String(await redis.call('ACL', 'WHOAMI'));
    const refused: string[] = [];
    for (const [role, commands] of Object.entries(needsOf(account)))
      for (const command of commands) {
        const answer = String(await redis.call('ACL', 'DRYRUN', user, ...command));
        if (answer !== 'OK')
          refused.push(`${role} (${command[0]} ${command.at(/eval/.test(command[0]) ? 3 : 1) ?? ''})`);
      }
    if (refused.length === 0) return well('permissions', `user ${user} may run every role`);
    return bad('permissions', `user ${user} lacks rights of ${refused.join(', ')}`, NEXT);
  } catch (error) {
    const who = user === '' ? 'the user in its URL' : `user ${user}`;
    return unknown('permissions', `the rights of ${who} could not be read: ${wordsOf(error)}`, NEXT);
  }
}
