/** `worksteal evaluate` and `tune` on runs whose answer is known. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { progressLine } from '../../../src/cli/evaluate/progress.ts';
import { evaluateCommand } from '../../../src/cli/evaluate.ts';
import { tuneCommand } from '../../../src/cli/tune.ts';
import { readFillTable } from '../../../src/evidence/fill-table-file.ts';
import type { RunSeeds } from '../../../src/evidence/run-seeds.ts';
import { EVALUATE } from '../../../src/json/evaluate.ts';
import { TUNE } from '../../../src/json/tune.ts';
import { seededRandom } from '../../../src/prices/random.ts';
import { parseSettingsFile } from '../../../src/rules/setting-file.ts';
import { aSteal, runThat } from '../../support/evidence.ts';

const folder = mkdtempSync(join(tmpdir(), 'worksteal-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAYS = 60;
const random = seededRandom(1);
const noise = Array.from({ length: 40 * DAYS }, () => random.normal());

/** `pnl` earns 3 bps a day more than none, all others nothing; only it steals. */
const pnlEarns = runThat(
  DAYS,
  ({ name, kind }, day) =>
    5 + (name === 'none' ? 0 : (noise[day + name.length * DAYS] ?? 0)) + (kind === 'pnl' ? 3 : 0),
  ({ name }) => (name === 'pnl' ? { steals: [aSteal(1, 4), aSteal(2, -1, 'missed', true)] } : {}),
);
/** Nobody earns anything. */
const nobodyEarns = runThat(DAYS, ({ name }, day) =>
  name === 'none' ? 0 : (noise[day + name.length * DAYS] ?? 0),
);

async function output(command: ReturnType<typeof evaluateCommand>, ...args: string[]): Promise<string> {
  let text = '';
  const writeOut = (part: string): void => {
    text += part;
  };
  await command
    .configureOutput({ writeOut, writeErr: () => {} })
    .exitOverride()
    .parseAsync(args, { from: 'user' });
  return text;
}

const evaluated = (run: RunSeeds, ...args: string[]): Promise<string> =>
  output(evaluateCommand({}, run), '--demo', 'fair', '--seeds', '1', '--sizes', '20', ...args);
const tuned = (run: RunSeeds, ...args: string[]): Promise<string> =>
  output(tuneCommand({}, run), '--demo', 'fair', '--seeds', '1', ...args);

describe('evaluate', () => {
  it('says on a terminal which policies earn, which do not, and what could have been seen', async () => {
    const text = await evaluated(pnlEarns);
    expect(text).toMatch(/^data +made-up market: fair: 12 symbols, 17280 hours$/m);
    expect(text).toMatch(/^orders of 20\.0% of equity: somebody lacks room in 10\.0% of the minutes/m);
    expect(text).toMatch(
      /^POLICY +COST 0 BPS +COST 2 BPS +COST 5 BPS +COST 10 BPS +P +CORRECTED +COULD SEE$/m,
    );
    expect(text).toMatch(/^pnl +\+\d\.\d\d \(\+\d\.\d\d \.\. \+\d\.\d\d\) \*.* <0\.001 /m);
    expect(text).toMatch(/^earn more than first come +pnl; pnl, beyond$/m);
    expect(text).toMatch(/^not distinguishable from zero .*random \(could have seen 0\.\d\d\)/m);
    expect(text).toMatch(/^impossible, the upper bound +hindsight$/m);
    expect(text).toMatch(/^what fills returned under pnl, bps of the notional$/m);
    expect(text).toMatch(/^distance +\.\. 0\.20% +8 +50\.0% +\+30\.0 +\+50\.0$/m);
    expect(text).toMatch(
      /^pnl +0\.0 +3\.3% +\+1\.50 \(.*\) +50\.0% +50\.0% +0\.0% +50\.0% +50\.0% +100\.0%/m,
    );
  });

  it('prints the same as JSON, with each day', async () => {
    const json = EVALUATE.parse(JSON.parse(await evaluated(pnlEarns, '--json', '--costs', '0,4')));
    const [size] = json.sizes;
    expect(size?.policies.map(({ policy }) => policy)).toHaveLength(8);
    const pnl = size?.policies.find(({ policy }) => policy === 'pnl');
    expect(pnl?.differences.map(({ costBps, verdict }) => [costBps, verdict])).toEqual([
      [0, 'earns'],
      [4, 'earns'],
    ]);
    expect(pnl?.dailyBps).toHaveLength(DAYS);
    expect(json.dayStartsMs).toHaveLength(DAYS);
  });

  it('writes one HTML file, with pictures, without a script and nothing from elsewhere', async () => {
    const file = join(folder, 'answer.html');
    expect(await evaluated(pnlEarns, '--html', file)).toMatch(/wrote .*answer\.html/);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('class="forest"');
    expect(html).toContain('class="sum"');
    expect(html).toMatch(/<strong>pnl<\/strong> earns more than first come: \+\d\.\d\d bps/);
    expect(html).not.toMatch(/<script|https?:|NaN|Infinity|undefined/);
    expect(await evaluated(pnlEarns, '--html', '-')).toBe(html);
  });

  it('says 0 where nobody was refused', async () => {
    const calm = runThat(
      DAYS,
      () => 5,
      () => ({
        blockedMinutes: {
          ...{ any: 0, tooFar: 0, onlyPositions: 0, protected: 0, fighting: 0, notBetter: 0 },
          ...{ notEnough: 0, tooManyVictims: 0, budget: 0 },
        },
      }),
    );
    const text = await evaluated(calm);
    expect(text).toMatch(/capacity is not scarce: nobody was refused/);
    expect(text).toMatch(/^0, as nobody was refused +none, near; queue; random; pnl;/m);
  });

  it.each([
    [
      'neither a folder nor a made-up market',
      [],
      /evaluate: give a folder of bars, or journals, or --demo fair or --demo edge/,
    ],
    ['both', ['bars/', '--demo', 'fair'], /give a folder of bars, or journals, or --demo/],
    [
      'sizes that are none',
      ['bars/', '--sizes', '10,x'],
      /--sizes: give numbers from 0\.1 to 200, with commas/,
    ],
    ['a size above the cap', ['bars/', '--sizes', '201'], /--sizes: give numbers from 0\.1 to 200/],
    ['a cost twice', ['bars/', '--costs', '1,1'], /--costs: give at most 8 numbers, each once/],
    ['no seeds', ['bars/', '--seeds', '0'], /--seeds: "0" must be at least 1/],
    ['a folder that is none', ['/nowhere/bars'], /data: the folder "\/nowhere\/bars" can't be read/],
    ['two outputs', ['bars/', '--html', '-', '--json'], /--html - and --json both print: name a file/],
    ['a self-test with a folder', ['bars/', '--self-test'], /--self-test makes its own markets/],
  ])('refuses %s', async (_what, args, message) => {
    await expect(output(evaluateCommand({}, pnlEarns), ...args)).rejects.toThrow(message);
  });
});

it('says nothing of the policies on fewer than ten days', async () => {
  const few = runThat(
    9,
    ({ kind }, day) => (kind === 'pnl' ? 5 + (day % 3) : 0),
    ({ name }) => (name === 'pnl' ? { steals: [aSteal(1, 4), aSteal(2, -1)] } : {}),
  );
  const text = await evaluated(few);
  expect(text).toMatch(/^pnl +\+6\.00 .* - +- +-$/m);
  expect(text).toMatch(/^less than 10 days: too few to tell +none, near; .*pnl; .*pnl, beyond; hindsight$/m);
  expect(text).toMatch(/^pnl +0\.2 +22\.2% +\+1\.50 +100\.0%/m);
  expect(await evaluated(few, '--html', '-')).toMatch(/\+6\.00 bps .* of less than 10 days: too few to tell/);
});

it('says so where no plan could be judged, with why', async () => {
  const nothing = runThat(0, () => 0);
  const why =
    /^made-up market: fair: no plan could be judged: without limits in the rows a plan needs 13 bars/;
  await expect(evaluated(nothing)).rejects.toThrow(why);
  await expect(tuned(nothing)).rejects.toThrow(why);
});

describe('tune', () => {
  it('shows the picks, and writes a settings file where something could be shown', async () => {
    const file = join(folder, 'rules.env');
    const text = await tuned(pnlEarns, '--settings', file);
    expect(text).toMatch(/^FROM +TO +PICK +IN SAMPLE +OUT OF SAMPLE$/m);
    expect(text).toMatch(/^2026-01-25 +2026-01-\d\d +pnl.* \+\d\.\d\d +\+\d\.\d\d$/m);
    expect(text).toMatch(/what was picked on the past earned more than first come on what came after/);
    const { entries, faults } = parseSettingsFile('rules.env', readFileSync(file, 'utf8'));
    expect(faults).toEqual([]);
    expect(entries.get('WORK_STEALING_POLICY')?.text).toBe('pnl');
  });

  it('says that nothing could be shown, and writes no file', async () => {
    const file = join(folder, 'nothing.env');
    const text = await tuned(nobodyEarns, '--settings', file);
    expect(text).toMatch(/nothing could be shown: .* \(could have seen \d\.\d\d bps a day\)/);
    expect(text).toMatch(/nothing\.env was not written/);
    expect(existsSync(file)).toBe(false);
  });

  it('writes the table of fills, whether or not anything could be shown', async () => {
    const file = join(folder, 'fills.json');
    expect(await tuned(nobodyEarns, '--export', file)).toMatch(/^wrote .*fills\.json: for worksteal plan/m);
    const { table, deviations } = readFillTable(file);
    expect([...deviations.keys()]).toHaveLength(12);
    // Nothing was learned: a random walk, 2 (1 - Phi(1)).
    expect(table.within(Math.exp(0.01), 0.01, 60) / 1e9).toBeCloseTo(0.3173, 3);
  });

  it('prints the same as JSON', async () => {
    const shown = TUNE.parse(JSON.parse(await tuned(pnlEarns, '--json', '--candidates', '5')));
    expect(shown).toMatchObject({ shown: true, gapDays: 1, size: 0.2, costBps: 2 });
    expect(shown.candidates).toHaveLength(5);
    const nothing = TUNE.parse(JSON.parse(await tuned(nobodyEarns, '--json')));
    expect(nothing).toMatchObject({ shown: false, settings: null });
  });
});

describe('progress', () => {
  function drawn(isTTY: boolean): string {
    let [text, nowMs] = ['', 0];
    const write = (part: string): void => {
      text += part;
    };
    const line = progressLine('evaluate', { isTTY, write }, () => nowMs);
    for (const [atMs, share] of [
      [1_000, 0.01],
      [10_000, 0.25],
      [10_050, 0.26],
      [300_000, 0.5],
    ] as const) {
      nowMs = atMs;
      line.at(share);
    }
    line.end();
    return text;
  }

  it('has an estimate of the time left, on a line that it clears', () => {
    expect(drawn(true).split('\r\x1b[K')).toEqual([
      '',
      'evaluate: 1 %',
      'evaluate: 25 %, about 30 s left',
      'evaluate: 50 %, about 5 min left',
      '',
    ]);
  });

  it('is silent where standard error is no terminal', () => {
    expect(drawn(false)).toBe('');
  });
});
