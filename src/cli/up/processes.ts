/** The roles as processes of this machine: started, monitored, restarted when they die, stopped in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { WorkstealError } from '../../domain/errors.ts';

const MAIN = new URL(`../main${import.meta.url.slice(-3)}`, import.meta.url).pathname;
const RESTART_LIMIT = 20;

export type Role = {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  restart?: boolean;
};
export type Report = Readonly<Record<string, unknown>> & { role?: string; host?: string; type?: string };

export type Processes = {
  /**
   * Starts a role; resolves with the first line of its output that matches `ready`, at once where none is
   * named.
   */
  start(role: Role, ready?: RegExp): Promise<string>;
  /** SIGTERM to the roles of this name, then SIGKILL to what is still there after `graceMs`. */
  stop(name: string, graceMs: number): Promise<void>;
  stopAll(graceMs: number): Promise<void>;
  /** How many died without being asked. */
  deaths(): number;
};

type Running = { role: Role; child: ChildProcess; exited: Promise<void>; stopping: boolean };

/**
 * @param env of every role
 * @param logFile where their logs go
 * @param onReport what they report over their channel
 */
export function startProcesses(
  env: Readonly<Record<string, string | undefined>>,
  logFile: string,
  onReport: (report: Report) => void,
): Processes {
  const running = new Set<Running>();
  const log: WriteStream = createWriteStream(logFile, { flags: 'a' });
  let deaths = 0;

  function launch(role: Role, onLine?: (line: string) => void): Running {
    const child = spawn(process.execPath, [MAIN, ...role.args], {
      env: { ...env, ...role.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in a terminal reaches us alone, and we end them in order. When we
      // die they end by themselves.
      detached: true,
    });
    child.stderr?.pipe(log, { end: false });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => onLine?.(line));
    child.on('message', (message) => onReport(message as Report));
    const one: Running = { role, child, stopping: false, exited: Promise.resolve() };
    one.exited = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => {
        running.delete(one);
        resolve();
        if (one.stopping) return;
        deaths += 1;
        if (role.restart !== false && deaths < RESTART_LIMIT) launch(role);
      });
    });
    running.add(one);
    return one;
  }

  async function end(ones: readonly Running[], graceMs: number): Promise<void> {
    for (const one of ones) {
      one.stopping = true;
      one.child.kill('SIGTERM');
    }
    const force = setTimeout(() => {
      for (const one of ones) one.child.kill('SIGKILL');
    }, graceMs);
    await Promise.all(ones.map((one) => one.exited));
    clearTimeout(force);
  }

  return {
    start(role, ready) {
      return new Promise((resolve, reject) => {
        const one = launch(role, (line) => {
          if (ready?.test(line)) resolve(line);
        });
        if (!ready) resolve('');
        void one.exited.then(() =>
          reject(
            new WorkstealError('missing', `${role.name} ended before it was ready; its log: ${logFile}`),
          ),
        );
      });
    },
    stop: (name, graceMs) =>
      end(
        [...running].filter((one) => one.role.name === name),
        graceMs,
      ),
    async stopAll(graceMs) {
      await end([...running], graceMs);
      log.end();
    },
    deaths: () => deaths,
  };
}
