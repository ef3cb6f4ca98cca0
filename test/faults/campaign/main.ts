/**
 * `npm run faults -- --seconds 40 --seed 7 --json`: a campaign of faults on a real fleet; exit code 1 if an
 * invariant was violated. A failure keeps its logs and prints how to repeat it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { buildProgram } from '../../../build/program.ts';
import { wholeNumber } from '../../support/whole-number.ts';
import { runCampaign } from './campaign.ts';
import { GROUNDS } from './ground.ts';
import { DOOR_KINDS, FAILOVERS, KINDS, type Kind } from './kinds.ts';
import { report } from './report.ts';
import { failures } from './verdict.ts';

const MOST_SECONDS = 3_600;
const MOST_ACCOUNTS = 12;

type Options = {
  seconds: number;
  seed: number;
  on: keyof typeof GROUNDS;
  json: boolean;
  accounts?: number;
  only?: Kind[];
  keep: boolean;
};

const program = new Command('faults')
  .description('hurts a real fleet at random for a while, heals it, and judges what it did')
  .option('--seconds <n>', 'how long faults strike', wholeNumber(1, MOST_SECONDS), 40)
  .option(
    '--seed <n>',
    'of the faults, the market and the plans (default: a new one)',
    wholeNumber(0, 2 ** 32 - 1),
  )
  .addOption(
    new Option('--on <redis>', 'a server, Sentinels, or a Cluster with six accounts')
      .choices(Object.keys(GROUNDS))
      .default('server'),
  )
  .option(
    '--accounts <n>',
    'on a Cluster: so many, of four processes each (default: 6)',
    wholeNumber(2, MOST_ACCOUNTS),
  )
  .option(
    '--only <kinds>',
    'faults of these kinds or groups alone, joined by commas; api, gateway: on two servers of that door',
    kindsOf,
  )
  .option('--json', 'end with one JSON line: the summary', false)
  .option('--keep', 'keep the logs where nothing was wrong, too', false)
  .action(run);

await program.parseAsync();
// All is told. The runtime's own ending took minutes after some campaigns, at full load; why was not found.
process.exit();

async function run({
  seconds,
  seed = Math.floor((performance.timeOrigin * 1_000) % 2 ** 32),
  on,
  accounts,
  json,
  only,
  keep,
}: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-faults-'));
  const startedMs = performance.now();
  const say = (line: string): void =>
    void process.stderr.write(
      `${colors.dim(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s`)}  ${line}\n`,
    );
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  say(`seed ${seed}, logs in ${folder}`);
  await buildProgram();
  const { summary, details } = await runCampaign(
    { seed, seconds, ground: await GROUNDS[on](say, accounts), folder, say, ...(only && { kinds: only }) },
    stopping.signal,
  );
  const wrong = failures(summary);
  for (const detail of details.slice(0, 50)) say(colors.red(detail));
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${report(summary)}\n`);
  if (wrong.length > 0) {
    const again = [
      `npm run faults -- --seconds ${seconds} --seed ${seed} --on ${on}`,
      ...(accounts ? [`--accounts ${accounts}`] : []),
      ...(only ? [`--only ${only.map(({ name }) => name).join()}`] : []),
    ].join(' ');
    process.stderr.write(
      `${colors.red('not kept:')} ${wrong.join(', ')}\nlogs: ${folder}\nagain: ${again}\n`,
    );
    process.exitCode = 1;
  } else if (!keep) rmSync(folder, { recursive: true, force: true });
}

function kindsOf(text: string): Kind[] {
  return text.split(',').flatMap((name) => {
    const found = [...KINDS, ...FAILOVERS, ...DOOR_KINDS].filter(
      (kind) => kind.name === name || kind.group === name,
    );
    if (found.length > 0) return found;
    const groups = [...new Set([...KINDS, ...DOOR_KINDS].map(({ group }) => group))];
    throw new InvalidArgumentError(
      `"${name}" is none of ${[...groups, ...KINDS.map((kind) => kind.name)].join(', ')}`,
    );
  });
}
