/** Runs the roles as processes on this machine: starts, restarts after a crash, stops in order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { WorkstealError } from '../../domain/errors.ts';
import { PROGRAM } from '../program-path.ts';

const RESTART_LIMIT = 20;

export type Role = {
  name: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  restart?: boolean;
};
export type Report = Readonly<Record<string, unknown>> & { role?: string; host?: string; type?: string };

export type Processes = {
  /** Starts a role; resolves with its first output line that matches `ready`, or at once without `ready`. */
  start(role: Role, ready?: RegExp): Promise<string>;
  /** Sends SIGTERM to the roles of this name, and SIGKILL to those still running after `graceMs`. */
  stop(name: string, graceMs: number): Promise<void>;
  stopAll(graceMs: number): Promise<void>;
  /** How many ended without being stopped. */
  deaths(): number;
};

type Running = { role: Role; child: ChildProcess; exited: Promise<void>; stopping: boolean };

/**
 * @param env the environment of every role
 * @param logFile receives the logs of all roles
 * @param onReport called with each message that a role sends over IPC
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
    const child = spawn(process.execPath, [PROGRAM, ...role.args], {
      env: { ...env, ...role.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own process group, so that Ctrl-C reaches only the parent, which stops the roles in order. If
      // the parent dies, the roles end themselves.
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
