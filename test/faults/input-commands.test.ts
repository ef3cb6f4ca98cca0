/**
 * Malformed command lines of every command, in this process and as processes: a non-zero exit code, a
 * sentence that says what is wrong and what to do, no stack trace, and no change to the ledger.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPlanOptions } from '../../src/cli/plan.ts';
import { readUpOptions } from '../../src/cli/up/options.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { readExchangeSettings } from '../../src/exchange/options.ts';
import { packageRoot } from '../../src/package-root.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { PROGRAM } from '../support/program.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { LINES, runLine, spoilWords } from './input/command-lines.ts';
import { spoilLeaves } from './input/odd-values.ts';
import { spoilLines } from './input/spoil-lines.ts';
import { Tally } from './input/tally.ts';

const EXPECTED: readonly string[] = ['invalid', 'settings', 'unknown', 'unavailable', 'missing'];

let book: AttackedBook;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  book = await attackedBook();
  folder = mkdtempSync(join(tmpdir(), 'worksteal-input-'));
  env = { REDIS_URL: book.redis.url, WORKSTEAL_ACCOUNT: book.account.name };
});
beforeEach(() => book.witness.restore());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await book.close();
});

/** The code of a refusal; anything else that is thrown is a fault. */
function codeOf(error: unknown, show: string): string {
  if (error instanceof CommanderError && error.exitCode !== 0) return 'usage';
  if (error instanceof CommanderError) return 'help';
  if (error instanceof WorkstealError && EXPECTED.includes(error.code) && error.message.length < 3_000)
    return error.code;
  throw new Error(`${show.slice(0, 2_000)}: ${(error as Error).stack}`);
}

describe('malformed command lines', () => {
  it.each(Object.keys(LINES))('of %s are refused and change nothing', async (name) => {
    const chance = chanceOf(`worksteal ${name}`);
    const line = LINES[name] as (typeof LINES)[string];
    const tally = new Tally();
    const refused = (): number => tally.all - tally.of('right', 'help');
    while (refused() < 40 && tally.all < 100) {
      const words = spoilWords(line.words, chance);
      const outcome = await runLine(line, words, env).then(
        () => 'right',
        (error: unknown) => codeOf(error, `${name} ${JSON.stringify(words)}`),
      );
      tally.count(outcome);
      const changed = await book.witness.changed();
      if (changed.length > 0 && outcome !== 'right')
        expect.fail(`${name} ${JSON.stringify(words)}: ${outcome}, and yet ${changed} changed`);
      if (changed.length > 0) await book.witness.restore();
    }
    expect(refused(), `${tally}`).toBeGreaterThanOrEqual(10);
  });

  it.each([
    [
      'plan',
      (options: object) => readPlanOptions(options, 'morning.csv'),
      { strategy: 's', format: 'csv', watch: true, dryRun: true, seed: '1' },
    ],
    [
      'up',
      readUpOptions,
      {
        for: '20s',
        json: true,
        speed: '60',
        start: '2026-01-20T15:30:00Z',
        seed: '7',
        equity: '100000',
        watchers: '3',
        workers: '2',
      },
    ],
    [
      'exchange',
      readExchangeSettings,
      {
        host: '127.0.0.1',
        port: '0',
        seed: '1',
        speed: '60',
        equity: '1000',
        leverage: '2',
        pools: 'crypto:1',
        partialRate: '0.1',
        cancelDelay: '5',
        rateLimit: '0',
        tick: '5',
        log: 'x',
      },
    ],
  ] as const)('of %s: invalid options are refused', (name, read, right) => {
    const chance = chanceOf(`options of ${name}`);
    const tally = new Tally();
    while (tally.of('invalid', 'settings') < CALLS / 2) {
      const options = spoilLeaves({ ...right }, chance);
      try {
        (read as (options: object) => unknown)(options);
        tally.count('right');
      } catch (error) {
        tally.count(
          codeOf(
            error,
            JSON.stringify(options, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
          ),
        );
      }
    }
    tally.expectRefused(0.3, ['invalid', 'settings']);
  });

  it('to look into files that are spoiled say which case cannot be read', async () => {
    const chance = chanceOf('scenarios and cases');
    for (const [name, source] of [
      ['clock', 'clock.json'],
      ['decide', 'decisions.json'],
    ] as const) {
      const cases = JSON.parse(
        readFileSync(join(packageRoot(), 'test/scenarios', source), 'utf8'),
      ) as unknown[];
      const right = cases
        .slice(0, 6)
        .map((one) => JSON.stringify(one))
        .join('\n');
      for (let i = 0; i < 60; i += 1) {
        const file = join(folder, source);
        writeFileSync(file, spoilLines(right, chance, 8));
        const text = await runLine(LINES[name] as (typeof LINES)[string], [file, '--json'], env).catch(
          (error: unknown) => codeOf(error, name),
        );
        expect(text).not.toMatch(/TypeError|RangeError|at .*\.ts:\d+/);
      }
    }
    expect(await book.witness.changed()).toEqual([]);
  });
});

/** Command lines with invalid arguments or environment. No `\0`: the system passes none to a process. */
const PROCESSES: readonly (readonly [words: readonly string[], env?: Readonly<Record<string, string>>])[] = [
  [['nonsense']],
  [['status', '--limit', '-1']],
  [['status', '--account', '{x}:y\u001b[2J']],
  [['why', '\u001b[2Jx']],
  [['orders', 'A B']],
  [['tail', '--since', 'yesterday']],
  [['audit', '--redis', 'redis://127.0.0.1:1']],
  [['halt', 'a\nb']],
  [['decide', '/nowhere\u001b[2J']],
  [['clock', '--at', 'noon', '--symbol', 'AAPL']],
  [['clock', '--at', '2026-11-27T18:00:00Z', '--symbol', 'BTCUSD', '--rank', 'first']],
  [['config'], { WORK_STEALING_LEVERAGE: '0', WORK_STEALING_COOLDOWN: '5m\u001b[2J' }],
  [['exchange', '--port', '70000', '--speed', 'fast']],
  [['exchange', '--data', '/nowhere']],
  [['up', '--for', 'ever', '--watchers', '0']],
  [['up', '--data', '/nowhere']],
  [['plan']],
  [['plan', '/nowhere.csv']],
  [['plan', '--data', '/nowhere']],
  [['plan', '-', '--watch', '--format', 'csv']],
  [['watch'], { WORKSTEAL_LEASE_MS: '0x400' }],
  [['work'], { REDIS_URL: 'redis://127.0.0.1:1' }],
  [['keep'], { APCA_API_BASE_URL: 'nowhere' }],
  [['keep'], { WORKSTEAL_CONFIG: '/nowhere' }],
];

async function run(
  words: readonly string[],
  more: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    env: {
      ...CHILD_ENV,
      NO_COLOR: '1',
      APCA_API_BASE_URL: 'http://127.0.0.1:1',
      APCA_API_DATA_URL: 'http://127.0.0.1:1',
      APCA_API_KEY_ID: 'k',
      APCA_API_SECRET_KEY: 's',
      ...env,
      ...more,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, stderr };
}

describe('as processes', () => {
  it('end with a code and a sentence, and leave the ledger as it was', { timeout: 180_000 }, async () => {
    const faults: object[] = [];
    const queue = [...PROCESSES];
    const runOne = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [words, more = {}] = next;
        const { code, stderr } = await run(words, more);
        const told =
          /^[\P{Cc}\n]{10,5000}$/u.test(stderr) &&
          !/^\s+at |TypeError|RangeError|Error:.*\n\s+at/m.test(stderr);
        if (code === 0 || code === null || !told)
          faults.push({ words: words.map((word) => word.slice(0, 60)), more, code, stderr });
      }
    };
    await Promise.all([runOne(), runOne()]);
    expect(faults).toEqual([]);
    // A planner must not register with the fleet before it has found its file.
    expect((await book.witness.changed()).filter((name) => !/:hosts?(:|$)/.test(name))).toEqual([]);
  });
});
