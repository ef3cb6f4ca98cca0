/**
 * Who started this process, and is it still there? npx and npm do not pass SIGTERM on: whoever ends them
 * means the role that runs below.
 *
 * Looked after is a starter that stays while its child runs: npx, npm, a program that spawned us, with the
 * `sh -c` that npm puts in between. Not: pid 1 and whatever is beyond a container (no parent that could go),
 * a shell (`nohup worksteal keep &` is meant to outlive it), and whoever gave us a session of our own
 * (setsid, a service manager, a detached spawn).
 */
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;
const SHELL = /^(sh|bash|dash|ash|zsh|ksh|mksh|fish|csh|tcsh|busybox)$/;
const RUNNER = /(^|[/ ])(npm|npx|pnpm|pnpx|yarn|bun|bunx)(-cli\.js)?( |$)/;

export type Lookup = {
  /** Now: it changes when the parent goes. */
  ppid: () => number;
  pid: number;
  env: Readonly<Record<string, string | undefined>>;
  /** Of /proc, undefined where there is none. */
  read: (pid: number) => { ppid: number; session: number; name: string; command: string } | undefined;
};

const OURS: Lookup = { ppid: () => process.ppid, pid: process.pid, env: process.env, read: readProc };

/** Is the starter gone? Undefined where there is none to look after. */
export function starterGone({ ppid, pid, env, read }: Lookup = OURS): (() => boolean) | undefined {
  const parent = ppid();
  if (parent <= 1 || read(pid)?.session === pid) return undefined;
  const shown = read(parent);
  const isGone = (): boolean => ppid() !== parent;
  // Without /proc npm is known by what it sets.
  if (shown === undefined) return env['npm_execpath'] === undefined ? undefined : isGone;
  if (!SHELL.test(shown.name)) return isGone;
  const above = shown.command.includes(' -c ') && shown.ppid > 1 ? read(shown.ppid) : undefined;
  if (above === undefined || !RUNNER.test(above.command)) return undefined;
  return () => isGone() || read(parent)?.ppid !== shown.ppid;
}

/** Calls `onGone` once, within half a second of the starter's end. Returns how to stop looking. */
export function watchStarter(
  onGone: () => void,
  gone: (() => boolean) | undefined = starterGone(),
): () => void {
  if (gone === undefined) return () => {};
  const timer = setInterval(() => {
    if (!gone()) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function readProc(pid: number): ReturnType<Lookup['read']> {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) \S (.*)$/s.exec(stat) ?? [];
    const [ppid = 0, , session = 0] = rest.split(' ').map(Number);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { ppid, session, name, command };
  } catch {
    return undefined;
  }
}
