/** Which starter a role ends with, and which it outlives. */
import { describe, expect, it } from 'vitest';
import { type Lookup, starterGone } from '../../src/fleet/starter.ts';

type Process = { ppid: number; session?: number; name: string; command: string };

/** A role, pid 100, below these processes; `reparent` changes a parent as the system does when it ends. */
function aTree(processes: Record<number, Process>, env: Lookup['env'] = {}) {
  const table = new Map(Object.entries(processes).map(([pid, one]) => [Number(pid), { session: 1, ...one }]));
  return {
    look: (): (() => boolean) | undefined =>
      starterGone({ pid: 100, env, ppid: () => table.get(100)?.ppid ?? 0, read: (pid) => table.get(pid) }),
    reparent(pid: number, ppid = 1): void {
      const one = table.get(pid);
      if (one !== undefined) table.set(pid, { ...one, ppid });
    },
  };
}

const role = (ppid: number, session = 1): Process => ({
  ppid,
  session,
  name: 'worksteal keep',
  command: 'node main.js keep',
});
const npm = { ppid: 5, name: 'npm exec workst', command: 'npm exec worksteal keep' };

describe('A role ends', () => {
  it.each([
    ['npx', npm],
    ['a program that spawned it', { ppid: 5, name: 'python3', command: 'python3 fleet.py' }],
  ])('with %s', (_, parent) => {
    const tree = aTree({ 100: role(50), 50: parent });
    const gone = tree.look();
    expect(gone?.()).toBe(false);
    tree.reparent(100);
    expect(gone?.()).toBe(true);
  });

  it('with npx, though the shell that npx put in between stays', () => {
    const tree = aTree({
      100: role(60),
      60: { ppid: 50, name: 'sh', command: 'sh -c worksteal keep' },
      50: npm,
    });
    const gone = tree.look();
    expect(gone?.()).toBe(false);
    tree.reparent(60);
    expect(gone?.()).toBe(true);
  });
});

describe('A role outlives', () => {
  it.each([
    [
      'pid 1, as in a container or under a service manager',
      { 100: role(1), 1: { ppid: 0, name: 'systemd', command: 'systemd' } },
    ],
    ['what is outside of its container', { 100: role(0) }],
    ['a shell: nohup worksteal keep &', { 100: role(50), 50: { ppid: 5, name: 'bash', command: '-bash' } }],
    ['a script', { 100: role(50), 50: { ppid: 5, name: 'sh', command: 'sh start.sh' } }],
    [
      'cron',
      {
        100: role(60),
        60: { ppid: 50, name: 'sh', command: 'sh -c worksteal keep' },
        50: { ppid: 1, name: 'cron', command: 'cron -f' },
      },
    ],
    [
      'whoever gave it a session of its own',
      { 100: role(50, 100), 50: { ppid: 5, name: 'node', command: 'node start.js' } },
    ],
  ])('%s', (_, processes) => {
    expect(aTree(processes).look()).toBeUndefined();
  });
});
