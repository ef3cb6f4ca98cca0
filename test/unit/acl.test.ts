/**
 * acl/worksteal.acl grants each role what the sources say that it needs: a script refused half way would
 * leave a book half written.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { bookNeeds, claimNeeds, queueNeeds, type RoleName } from '../support/access-needs.ts';
import { CLAIMS, KEYLESS } from '../support/write-acl.ts';

type Grant = { commands: string[]; keys: string[]; rest: string[] };

const LINES = readFileSync(join(packageRoot(), 'acl/worksteal.acl'), 'utf8').trimEnd().split('\n');
const ROLES: RoleName[] = ['watch', 'work', 'keep', 'plan', 'serve', 'gateway', 'alert', 'operate', 'look'];

/** What a user has at large, and what on the keys of its selector alone. */
function grants(user: string): { head: Grant; selector: Grant } {
  const line = LINES.find((text) => text.startsWith(`user ${user} `)) ?? '';
  const [, head = '', selector = ''] = /^user \S+ ([^(]*)(?:\((.*)\))?$/.exec(line) ?? [];
  return { head: grant(head), selector: grant(selector) };
}

function grant(rules: string): Grant {
  const words = rules.split(' ').filter((word) => word !== '');
  const commands = words.filter((word) => word.startsWith('+')).map((word) => word.slice(1));
  const keys = words.filter((word) => word.includes('~')).map((word) => word.replace('ws:{ACCOUNT}:', ''));
  return { commands, keys, rest: words.filter((word) => !word.startsWith('+') && !word.includes('~')) };
}

describe('the ACL file', () => {
  it('has the roles and nobody else, each with a password to be set, and nothing from before', () => {
    expect(LINES.map((line) => line.split(' ', 2).join(' '))).toEqual([
      'user default',
      ...ROLES.map((role) => `user ws-${role}`),
    ]);
    expect(LINES[0]).toBe('user default off');
    for (const role of ROLES) {
      expect(grants(`ws-${role}`).head.rest).toEqual([
        'on',
        `#SHA256-OF-${role.toUpperCase()}-PASSWORD`,
        'resetchannels',
        '-@all',
      ]);
    }
  });

  it('names no key outside of the account but the claims, which only the keeper writes', () => {
    const patterns = LINES.flatMap((line) => line.match(/\S*~\S+/g) ?? []);
    const outside = patterns.filter((pattern) => !/^\(?(%R)?~ws:\{ACCOUNT\}:/.test(pattern));
    const reads = (roles: number): string[] => Array(roles).fill(`%R${CLAIMS}`);
    expect(outside).toEqual([...reads(2), CLAIMS, ...reads(3)]);
  });

  it.each(ROLES.filter((role) => role !== 'look'))(
    'grants %s the commands and keys that it needs, and no more',
    (role) => {
      const { head, selector } = grants(`ws-${role}`);
      const book = bookNeeds(role);
      const queue = queueNeeds(role);
      const keyless = KEYLESS.filter((command) => queue.has(command));
      expect(head.commands).toEqual([...book.commands, ...keyless].sort());
      const keys = [...book.keys].map(([family, access]) => `${access === 'R' ? '%R' : ''}~${family}`);
      const claims = claimNeeds(role);
      const outside = claims === undefined ? [] : [claims === 'R' ? `%R${CLAIMS}` : CLAIMS];
      expect(head.keys).toEqual([...keys.sort(), ...outside]);
      expect(selector.commands).toEqual([...queue].filter((command) => !KEYLESS.includes(command)).sort());
      expect(selector.keys).toEqual(queue.size === 0 ? [] : ['~cancel:*']);
    },
  );

  it('grants look all keys of the account to read, and to a script no more than that', () => {
    const { head, selector } = grants('ws-look');
    // Redis treats EVAL's key as written; what the script itself sends is checked against the rest.
    const needed = [...bookNeeds('look').commands].filter(
      (command) => command !== 'eval' && command !== 'evalsha',
    );
    expect(head.commands).toEqual(needed.sort());
    expect(head.keys).toEqual(['%R~*']);
    expect(selector).toEqual({ commands: ['eval'], keys: ['~account'], rest: [] });
  });
});
