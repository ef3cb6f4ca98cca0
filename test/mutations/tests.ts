/** Runs one test file of a tree by vitest and tells which of its tests passed and which failed. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export type Outcome = {
  /** Full names. */
  readonly passed: readonly string[];
  /** By full name, the first line of what was thrown. */
  readonly failed: ReadonlyMap<string, string>;
  /** Why nothing can be concluded: the file was not loaded, the limit passed; undefined where it ran. */
  readonly trouble?: string;
};

const REPORT = z.object({
  testResults: z.array(
    z.object({
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** `names`: parts of test names, any of which a test must have; none: all of the file. */
export async function runTests(
  folder: string,
  file: string,
  names: readonly string[],
  limitMs: number,
): Promise<Outcome> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const project = file.split('/')[1] ?? '';
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    file,
    '--reporter=json',
    `--outputFile=${report}`,
  ];
  if (pattern !== '') args.push('-t', pattern);
  const ended = await run(folder, args, limitMs);
  if (ended !== undefined) return { passed: [], failed: new Map(), trouble: ended };
  return read(report);
}

/** Why it did not end by itself; vitest's own exit code says nothing that its report does not. */
function run(folder: string, args: readonly string[], limitMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that what its tests started ends with it.
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', detached: true });
    let trouble: string | undefined;
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const limit = setTimeout(() => {
      trouble = `not done after ${limitMs / 1_000} s`;
      end();
    }, limitMs);
    process.once('exit', end);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(limit);
      process.off('exit', end);
      resolve(trouble);
    });
  });
}

function read(report: string): Outcome {
  let text: string;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    return { passed: [], failed: new Map(), trouble: 'vitest left no report' };
  }
  const files = REPORT.parse(JSON.parse(text)).testResults;
  const results = files.flatMap((one) => one.assertionResults);
  const failed = new Map(
    results
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => [
        fullName,
        (failureMessages ?? []).join('\n').split('\n')[0] ?? '',
      ]),
  );
  const passed = results.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName);
  if (passed.length + failed.size > 0) return { passed, failed };
  return {
    passed,
    failed,
    trouble: `no test ran: ${(files[0]?.message ?? 'none has such a name').split('\n')[0]}`,
  };
}
