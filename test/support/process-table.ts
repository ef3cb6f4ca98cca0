/**
 * Lists the processes of this machine: from /proc if it exists (slim images have no `ps`), otherwise from
 * `ps`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

type Entry = { pid: number; parent: number; state: string };

function entries(): Entry[] {
  if (!existsSync('/proc/self/stat')) {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
      .trim()
      .split('\n');
    return lines.map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state: state.charAt(0) };
    });
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(pid), parent: Number(parent), state }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** Stopped by a signal. */
export function isStopped(pid: number): boolean {
  return entries().some((entry) => entry.pid === pid && entry.state === 'T');
}

/** All that it started and that these started. */
export function descendantsOf(pid: number): number[] {
  const all = entries();
  const below = (parent: number): number[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry.pid, ...below(entry.pid)]);
  return below(pid);
}
