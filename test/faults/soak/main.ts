/**
 * `npm run soak`: a busy fleet for a quarter of an hour without faults; exit code 1 unless the memory of
 * every process and of Redis stays flat and the campaign's checks pass. `--seconds` sets the duration,
 * `--json` prints one line at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { Redis } from 'ioredis';
import colors from 'picocolors';
import { buildProgram } from '../../../build/program.ts';
import { columns } from '../../../src/cli/table.ts';
import { wholeNumber } from '../../support/whole-number.ts';
import { FLEET } from '../campaign/campaign.ts';
import { ownServer } from '../campaign/ground.ts';
import { Site } from '../campaign/site.ts';
import { failures, judge } from '../campaign/verdict.ts';
import { MemoryWatch, MOST } from './memory.ts';

const EVERY_MS = 2_000;
const READY_MS = 90_000;
const TELL_MS = 30_000;
const PLANS = 300;
const EQUITY_DOLLARS = 100_000;
/**
 * A runtime that may take what it likes lets garbage lie, and what it holds says little. With little room it
 * holds what it needs; one that needs more and more runs out of it, and dies.
 */
const TIGHT = ['--max-old-space-size=72', '--max-semi-space-size=4'];
const MEGABYTE = 1_048_576;
const QUARTER_OF_AN_HOUR = 900;
const MOST_SECONDS = 86_400;

const { seconds, seed, json } = new Command('soak')
  .description('runs a busy fleet for long and looks whether its memory stays flat')
  .option('--seconds <n>', 'how long', wholeNumber(20, MOST_SECONDS), QUARTER_OF_AN_HOUR)
  .option('--seed <n>', 'of the market and the plans', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--json', 'end with one JSON line', false)
  .parse()
  .opts<{ seconds: number; seed: number; json: boolean }>();
const folder = mkdtempSync(join(tmpdir(), 'worksteal-soak-'));
const startedMs = performance.now();
const say = (line: string): void =>
  void process.stderr.write(
    `${colors.dim(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(6)} s`)}  ${line}\n`,
  );

await buildProgram();
const ground = await ownServer(say);
const site = await Site.start({
  account: 'soak',
  seed,
  ground,
  roles: FLEET,
  plans: PLANS,
  equity: EQUITY_DOLLARS,
  folder,
  say,
  nodeOptions: TIGHT,
});
const redis = new Redis(ground.url);
const memory = new MemoryWatch();

/** The market comes back to where it was, so the account gains; a cap that grows would end all stealing. */
async function takeProfits(): Promise<void> {
  const { broker } = site.arena;
  const { equityMicros } = await broker.hand.account();
  const profit = Math.floor(equityMicros / 1e6) - EQUITY_DOLLARS;
  if (profit >= 1) await broker.faults({ withdrawUsd: String(profit) });
}

let wrong: string[];
try {
  if (!(await site.isBusy(READY_MS))) throw new Error(`nothing was stolen within ${READY_MS / 1_000} s`);
  say(`seed ${seed}, ${seconds} s, logs in ${folder}`);
  let toldMs = performance.now();
  for (const untilMs = performance.now() + 1_000 * seconds; performance.now() < untilMs; ) {
    await memory.sample(site.processes(), redis);
    await takeProfits();
    if (performance.now() - toldMs > TELL_MS) {
      say(`${site.witness.steals.granted} steals granted`);
      toldMs = performance.now();
    }
    await sleep(EVERY_MS);
  }
  const isStuck = !(await site.recovers());
  const { summary, details } = await judge({ seed, seconds, struck: [], ...(await site.finish(isStuck)) });
  const held = memory.held();
  wrong = [
    ...failures(summary),
    ...held
      .filter(({ ratio }) => !(ratio <= MOST))
      .map(({ name, ratio }) => `${name}: x ${ratio.toFixed(2)}`),
  ];
  for (const detail of details.slice(0, 50)) say(colors.red(detail));
  if (json) process.stdout.write(`${JSON.stringify({ ...summary, held })}\n`);
  else {
    const inMegabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
    const rows = held.map(({ name, early, late, ratio }) => [
      name,
      inMegabytes(early),
      inMegabytes(late),
      ratio.toFixed(3),
    ]);
    process.stdout.write(
      columns([['HOLDS', '2ND QUARTER, MB', 'LAST QUARTER, MB', 'RATIO'], ...rows], ' rrr'),
    );
    process.stdout.write(
      `${summary.accepted} orders, ${summary.granted} steals granted, ${summary.fills} fills\n`,
    );
  }
} finally {
  redis.disconnect();
  await site.close();
  await ground.close();
}
if (wrong.length > 0) {
  process.stderr.write(`${colors.red('not kept:')} ${wrong.join(', ')}\nlogs: ${folder}\n`);
  process.exitCode = 1;
} else rmSync(folder, { recursive: true, force: true });
