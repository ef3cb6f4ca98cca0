/** A role as its own process: start it, read its output, end it by its pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { CHILD_ENV } from './child-env.ts';
import { isStopped } from './process-table.ts';
import { PROGRAM } from './program.ts';

const GRACE_MS = 30_000;
const LINES = 2_000;

export type LogLine = Readonly<Record<string, unknown>> & { msg: string };
export type Exit = number | NodeJS.Signals;

export class RoleProcess {
  readonly name: string;
  /** Its log, oldest first, the newest lines of it; what is no JSON is a line of its own. */
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #news = new EventEmitter().setMaxListeners(100);
  readonly #exited: Promise<Exit>;
  #report: Readonly<Record<string, unknown>> = {};
  #reports = 0;

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    // With a channel: a role whose starter is gone ends, so nothing is left when a test file is killed.
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...CHILD_ENV, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    if (this.#child.stderr)
      createInterface({ input: this.#child.stderr }).on('line', (line) => this.#hear(line));
    this.#child.on('message', (message) => {
      this.#report = message as Readonly<Record<string, unknown>>;
      this.#reports += 1;
      this.#news.emit('news');
    });
    this.#exited = new Promise((resolve) => {
      const done = (exit: Exit) => {
        resolve(exit);
        this.#news.emit('news');
      };
      this.#child.once('error', () => done(-1));
      this.#child.once('exit', (code, signal) => done(signal ?? code ?? -1));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it reported last over its channel. */
  get report(): Readonly<Record<string, unknown>> {
    return this.#report;
  }

  /** Stopped by a signal, neither dead nor going on. */
  get hangs(): boolean {
    return this.alive && isStopped(this.pid);
  }

  /**
   * Goes on after it was stopped; resolves when it has reported so often, as a watcher and a worker do each
   * second.
   */
  async goOn(reports = 3): Promise<void> {
    const before = this.#reports;
    this.#child.kill('SIGCONT');
    await this.until('it goes on', () => this.#reports >= before + reports);
  }

  /** Its exit code, or the signal that ended it. @throws Error when it still runs after the patience */
  async ended(patienceMs = 60_000): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${this.name} still runs after ${patienceMs} ms`)),
        patienceMs,
      );
    });
    try {
      return await Promise.race([this.#exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when `so` is true; asked again whenever it logs, reports or ends. */
  async until(what: string, so: (role: RoleProcess) => boolean, patienceMs = 60_000): Promise<void> {
    if (so(this)) return;
    let look: () => void = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        look = () => so(this) && resolve();
        this.#news.on('news', look);
        timer = setTimeout(
          () => reject(new Error(`${this.name}: not within ${patienceMs} ms: ${what}`)),
          patienceMs,
        );
      });
    } finally {
      clearTimeout(timer);
      this.#news.off('news', look);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end; kills it when it does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (!this.alive) return await this.#exited;
    this.#child.kill('SIGCONT');
    this.#child.kill(signal);
    const force = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    const exit = await this.#exited;
    clearTimeout(force);
    return exit;
  }

  /** The end of its log, for a person who wants to know why a test failed. */
  story(lines = 30): string {
    const news = this.lines.filter(({ msg }) => msg !== 'reconciled');
    const told = news
      .slice(-lines)
      .map(({ time, level, msg, ...facts }) => `    ${time} ${level} ${msg} ${JSON.stringify(facts)}`);
    return [`  ${this.name} (pid ${this.pid}, ${this.alive ? 'runs' : 'ended'}):`, ...told].join('\n');
  }

  #hear(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      this.lines.push({ msg: line });
    }
    if (this.lines.length > LINES) this.lines.splice(0, LINES / 2);
    this.#news.emit('news');
  }
}
