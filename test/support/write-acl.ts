/**
 * Writes acl/worksteal.acl from the sources: `npm run acl:assemble`. test/unit/acl.test.ts checks the file
 * against the same needs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { bookNeeds, claimNeeds, queueNeeds, type RoleName } from './access-needs.ts';

/** Commands that name no key: a selector does not confine them. */
export const KEYLESS = ['multi', 'exec', 'client|setname'];

/** Claims of account numbers: `ws:{PA123}:claim`. */
export const CLAIMS = '~ws:{*}:claim';

const key = (family: string, access: string): string => `${access}~ws:{ACCOUNT}:${family}`;

function line(role: RoleName): string {
  const { commands, keys } = bookNeeds(role);
  const queue = queueNeeds(role);
  const head =
    role === 'look'
      ? [...commands].filter((command) => command !== 'eval' && command !== 'evalsha')
      : [...commands, ...KEYLESS.filter((command) => queue.has(command))];
  const families =
    role === 'look'
      ? [key('*', '%R')]
      : [...keys].map(([family, access]) => key(family, access === 'R' ? '%R' : '')).sort();
  const claims = claimNeeds(role);
  if (claims !== undefined) families.push(claims === 'R' ? `%R${CLAIMS}` : CLAIMS);
  const inQueue = [...queue].filter((command) => !KEYLESS.includes(command)).sort();
  const granted = (list: string[]) => list.map((command) => `+${command}`).join(' ');
  const selector =
    role === 'look'
      ? ` (${key('account', '')} +eval)`
      : inQueue.length === 0
        ? ''
        : ` (${key('cancel:*', '')} ${granted(inQueue)})`;
  const password = `#SHA256-OF-${role.toUpperCase()}-PASSWORD`;
  return (
    `user ws-${role} on ${password} resetchannels -@all ${families.join(' ')} ` +
    `${granted([...new Set(head)].sort())}${selector}`
  );
}

if (import.meta.main) {
  const roles: RoleName[] = ['watch', 'work', 'keep', 'plan', 'serve', 'gateway', 'alert', 'operate', 'look'];
  writeFileSync(
    join(packageRoot(), 'acl', 'worksteal.acl'),
    `${['user default off', ...roles.map(line)].join('\n')}\n`,
  );
}
