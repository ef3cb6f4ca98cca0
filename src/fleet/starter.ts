/**
 * Is the parent process still running? npx and npm do not forward SIGTERM, so a role ends when they end.
 *
 * Watched: a parent that stays while its child runs (npx, npm, a program that spawned this process), also
 * through the `sh -c` that npm inserts. Not watched: pid 1, a parent outside the container, a shell
 * (`nohup worksteal keep &` must outlive it), and a parent that gave this process its own session (setsid, a
 * service manager, a detached spawn).
 */
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;
const SHELL = /^(sh|bash|dash|ash|zsh|ksh|mksh|fish|csh|tcsh|busybox)$/;
const RUNNER = /(^|[/ ])(npm|npx|pnpm|pnpx|yarn|bun|bunx)(-cli\.js)?( |$)/;

export type Lookup = {
  /** The current parent; it changes when the parent ends. */
  ppid: () => number;
  pid: number;
  env: Readonly<Record<string, string | undefined>>;
  /** From /proc; undefined without one. */
  read: (pid: number) => { ppid: number; session: number; name: string; command: string } | undefined;
};

const OURS: Lookup = { ppid: () => process.ppid, pid: process.pid, env: process.env, read: readProc };

/** Is the starter gone? Undefined if there is none to watch. */
export function starterGone({ ppid, pid, env, read }: Lookup = OURS): (() => boolean) | undefined {
  const parent = ppid();
  if (parent <= 1 || read(pid)?.session === pid) return undefined;
  const shown = read(parent);
  const isGone = (): boolean => ppid() !== parent;
  // Without /proc, npm is recognized by its environment variable.
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
