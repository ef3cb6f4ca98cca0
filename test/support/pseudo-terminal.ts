/**
 * A command on a real pseudo-terminal, by util-linux' `script`. `isAvailable` is false where there is none,
 * except in CI: there the tests must run.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { vi } from 'vitest';

export const isAvailable =
  process.env['CI'] === 'true' ||
  /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout);

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What a terminal of so many columns and rows has been sent by a command. */
export class PseudoTerminal {
  output = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;

  constructor(size: { columns: number; rows: number }, command: readonly string[], env: NodeJS.ProcessEnv) {
    // The shell stays and reads the sizes that `resize` asks for from a pipe of its own.
    const shell = [
      `stty cols ${size.columns} rows ${size.rows}`,
      'while read -r c r <&3; do stty cols "$c" rows "$r" </dev/tty; done & exec 3<&-',
      `exec ${command.map(quoted).join(' ')}`,
    ].join('\n');
    this.#child = spawn('script', ['--quiet', '--flush', '--return', '--command', shell, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
      env: { ...env, TERM: 'xterm', SHELL: '/bin/bash' },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.#exit = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Waits until the output, from `from` on, matches. */
  async shows(pattern: RegExp, from = 0): Promise<void> {
    await vi.waitFor(
      () => {
        if (!pattern.test(this.output.slice(from)))
          throw new Error(`not shown yet: ${pattern}\n${this.output}`);
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  /** Types keys, for example `\x03` for Ctrl-C. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  resize(columns: number, rows: number): void {
    (this.#child.stdio[3] as NodeJS.WritableStream).write(`${columns} ${rows}\n`);
  }

  /** The command's exit code, when it has ended. */
  async ended(): Promise<number | null> {
    return await this.#exit;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
