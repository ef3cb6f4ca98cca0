/**
 * Valid command lines of the commands that read a ledger or a file, as words that can be corrupted, and how
 * to run one in this process.
 */
import type { Command } from 'commander';
import { auditCommand } from '../../../src/cli/audit.ts';
import { cancelCommand } from '../../../src/cli/cancel.ts';
import { clockCommand } from '../../../src/cli/clock.ts';
import { closeCommand } from '../../../src/cli/close.ts';
import { configCommand } from '../../../src/cli/config.ts';
import { decideCommand } from '../../../src/cli/decide.ts';
import { fightsCommand } from '../../../src/cli/fights.ts';
import { haltCommand } from '../../../src/cli/halt.ts';
import { ordersCommand } from '../../../src/cli/orders.ts';
import { plansCommand } from '../../../src/cli/plans.ts';
import { reportCommand } from '../../../src/cli/report.ts';
import { resumeCommand } from '../../../src/cli/resume.ts';
import { statusCommand } from '../../../src/cli/status.ts';
import { stealsCommand } from '../../../src/cli/steals.ts';
import { tailCommand } from '../../../src/cli/tail.ts';
import { whyCommand } from '../../../src/cli/why.ts';
import { withdrawCommand } from '../../../src/cli/withdraw.ts';
import type { Env } from '../../../src/rules/settings.ts';
import type { Chance } from './chance.ts';
import { spoilText } from './spoil.ts';

type Line = { command: (env: Env) => Command; words: readonly string[] };

/** What a right line stops does not exist: it would wait for as long as its time-out says. */
const STOP = ['--timeout', '10', '--by', 'alice@ops', '--yes', '--json'];

/** `tail` of a right line would never end, so there is none: its instant is wrong from the start. */
export const LINES: Readonly<Record<string, Line>> = {
  status: { command: statusCommand, words: ['--limit', '10', '--json'] },
  plans: { command: plansCommand, words: ['aapl', '--stage', 'waiting', '--strategy', 's', '--json'] },
  steals: { command: stealsCommand, words: ['BTC/USD', '--limit', '5'] },
  orders: { command: ordersCommand, words: ['aapl', '--state', 'working', '--limit', '5', '--json'] },
  fights: { command: fightsCommand, words: ['--limit', '5'] },
  why: { command: whyCommand, words: ['working1', '--json'] },
  audit: { command: auditCommand, words: ['--limit', '100'] },
  halt: { command: haltCommand, words: ['by_hand'] },
  resume: { command: resumeCommand, words: ['by_hand', '--by', 'alice@ops', '--json'] },
  cancel: { command: cancelCommand, words: ['--symbol', 'zzzz', ...STOP] },
  withdraw: { command: withdrawCommand, words: ['--strategy', 'zzzz', ...STOP] },
  close: { command: closeCommand, words: ['--symbol', 'zzzz', ...STOP] },
  tail: { command: tailCommand, words: ['--json', '--since', '10 minutes'] },
  report: { command: reportCommand, words: ['--json', '--since', '10m'] },
  clock: {
    command: clockCommand,
    words: ['--at', '2026-11-27T18:00:00Z', '--symbol', 'BTC/USD', '--rank', '2'],
  },
  config: { command: configCommand, words: ['--json', '--config', '/nowhere/rules.env'] },
  decide: { command: decideCommand, words: ['/nowhere/scenarios.json', '--json', '--verbose'] },
};

const STRAY = [
  '--nothing',
  '-x',
  '--limit',
  '--json=maybe',
  '--',
  '--account',
  '--redis',
  '--since',
  '--',
  'more',
  '--help=x',
  '--no-json',
];
const ELSEWHERE = [
  '',
  'http://127.0.0.1',
  'redis://',
  'redis://127.0.0.1:1',
  'redis://127.0.0.1:99999',
  'x',
  'redis://u:p@[::1',
  'rediss://127.0.0.1:1',
];

export function spoilWords(right: readonly string[], chance: Chance): string[] {
  const words = [...right];
  const at = chance.below(words.length + 1);
  switch (chance.below(8)) {
    case 0:
      words.splice(at, 0, chance.pick(STRAY));
      break;
    case 1:
      words.splice(at, 1);
      break;
    case 2:
      words.splice(at, 0, '--account', spoilText('main', chance).slice(0, 5_000));
      break;
    case 3:
      words.splice(at, 0, '--redis', chance.pick(ELSEWHERE));
      break;
    default:
      words[Math.min(at, words.length - 1)] = spoilText(
        words[Math.min(at, words.length - 1)] ?? '',
        chance,
      ).slice(0, 5_000);
  }
  return words.filter((word) => word !== '--watch');
}

/** Runs one; throws what it throws, commander's own refusals too. What it wrote. */
export async function runLine({ command: make }: Line, words: readonly string[], env: Env): Promise<string> {
  let text = '';
  const command = make(env);
  const write = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut: write, writeErr: write }).exitOverride();
  const before = process.exitCode;
  try {
    await command.parseAsync([...words], { from: 'user' });
  } finally {
    if (process.exitCode === 1) text += '\nexit code 1';
    process.exitCode = before;
  }
  return text;
}
