/** Asks a person before something is changed. */
import { createInterface } from 'node:readline/promises';
import { WorkstealError } from '../../domain/errors.ts';

/**
 * True with `--yes`, or after the answer `y` or `yes` on a terminal.
 * @param done what was not done, where nobody can be asked: cancelled, withdrawn or closed
 * @throws WorkstealError `invalid` where nobody can be asked
 */
export async function isConfirmed(question: string, done: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (process.stdin.isTTY !== true) {
    throw new WorkstealError(
      'invalid',
      `nothing was ${done}: standard input is not a terminal, so nobody can be asked`,
      { field: 'yes' },
      undefined,
      'give --yes to do it without a question',
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C reaches readline as a key. Ctrl-D closes it without an answer.
  lines.once('SIGINT', () => {
    lines.close();
    process.kill(process.pid, 'SIGINT');
  });
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
