/** What `worksteal COMMAND --help` shows as examples. A test parses each as the command itself does. */
import type { Command } from 'commander';
import type { CommandName } from './commands.ts';
import { columns } from './table.ts';

/** The words behind `worksteal`, as a shell reads them, and what they do. */
export type Example = readonly [line: string, does: string];

export const EXAMPLES: Readonly<Record<CommandName, readonly Example[]>> = {
  doctor: [
    ['doctor', 'with the settings of the environment; changes nothing'],
    ['doctor --symbol BTC/USD --json', 'for programs, with the price of another symbol'],
  ],
  up: [
    ['up', 'a demo, until Ctrl-C'],
    ['up --for 20s --json', 'for 20 seconds, with a summary for programs'],
    ['up --rules beyond', 'with the rules that are off by default, too'],
    ['up --alpaca', 'on the paper account of your keys, until Ctrl-C'],
    ['up --data bars/ --start 2024-03-01T00:00:00Z', 'replay a folder of hourly bars'],
  ],
  exchange: [
    ['exchange', 'on port 8090, with a synthetic market'],
    ['exchange --port 0 --equity 25000 --log exposure.jsonl', 'on a free port, with its own log'],
  ],
  watch: [['watch', 'with the settings of the environment']],
  work: [['work', 'with the settings of the environment']],
  keep: [['keep', 'with the settings of the environment']],
  serve: [['serve', 'with the settings of the environment']],
  gateway: [['gateway', 'with the settings of the environment']],
  alert: [
    ['alert', 'with the settings of the environment'],
    ['alert --test', 'post one message, to see that it arrives'],
  ],
  token: [
    ['token new bot-2 --gateway --pnl 5 --max-notional 2000 --file tokens.json', 'a key pair for a bot'],
    ['token new bot-1 --scope trade --account main --file tokens.json', 'made and printed, this once'],
    ['token list --file tokens.json', 'who has one'],
    ['token revoke bot-1 --file tokens.json', 'at once; a running server need not start again'],
  ],
  plan: [
    ['plan forecasts.csv --dry-run', 'show what a file would change'],
    ['plan forecasts.csv --watch', 'file what changes, until Ctrl-C'],
    ['plan forecasts.csv --fill-table fills.json', 'with fill probabilities that tune --export learned'],
    ['plan - --format jsonl --strategy momentum', 'from standard input'],
  ],
  status: [
    ['status', 'once'],
    ['status --watch', 'every second, until Ctrl-C'],
    ['status --account paper --json', 'another account, for programs'],
  ],
  top: [
    ['top', 'until q or Ctrl-C'],
    ['top --account paper', 'another account'],
  ],
  plans: [
    ['plans', 'all, the nearest to their limit first'],
    ['plans AAPL --stage waiting', 'those of a symbol that wait'],
    ['plans --refused --strategy momentum', 'those of a strategy that were refused'],
  ],
  orders: [
    ['orders', 'all, the worst first'],
    ['orders working', 'those at the broker'],
    ['orders AAPL --state ended --limit 10', 'the latest of a symbol that ended'],
  ],
  steals: [
    ['steals', 'the latest'],
    ['steals failed', 'those that failed'],
    ['steals BTC/USD --limit 5', 'those by a symbol or from it'],
    ['steals --regret', 'what they came to'],
  ],
  fights: [
    ['fights', 'all'],
    ['fights AAPL --watch', 'those of a symbol, every second'],
  ],
  waiting: [
    ['waiting', 'the best'],
    ['waiting AAPL --watch', 'those of a symbol, every second'],
  ],
  why: [
    ['why p17', 'a plan'],
    ['why p17_1', 'an order'],
    ['why AAPL', 'what is on record of a symbol'],
    ["why 'AAPL>MSFT#p17_1'", 'a steal, as the history names it'],
  ],
  report: [
    ['report', 'the last hour'],
    ['report --since 1d --html report.html', 'a day, as one file with pictures, for a mail or a ticket'],
    ['report --since 2026-11-27T14:30:00Z --json', 'since an instant, for programs'],
  ],
  evaluate: [
    ['evaluate bars/', 'all policies, sizes and costs, on a folder of bars'],
    ['evaluate bars/ --sizes 20 --costs 1,5 --html answer.html', 'one size, as one file with pictures'],
    ['evaluate journal.jsonl', 'the plans and prices of a journal of worksteal record'],
    ['evaluate --demo fair --json', 'a made-up market in which nothing can be earned, for programs'],
    ['evaluate --self-test', 'whether the evaluation can be believed'],
  ],
  tune: [
    ['tune bars/ --size 20 --cost 2', 'what would have been picked, and what that earned'],
    ['tune bars/ --settings rules.env', 'with a settings file, where something could be shown'],
    ['tune bars/ --export fills.json', 'with the table of fills, for plan --fill-table'],
  ],
  tail: [
    ['tail', 'what happens from now on'],
    ['tail --since 10m --json', 'with the last ten minutes, for programs'],
  ],
  audit: [['audit', 'ends with 1 where a sum is wrong']],
  check: [
    ['check', 'ends with 0 well, 1 not, 2 unknown'],
    ['check --json --outbox-age 30', 'for programs'],
  ],
  halt: [
    ["halt 'prices look wrong'", 'with the reason, for the record'],
    ["halt 'stop it now' --cancel-entries --yes", 'and take every entry off the broker'],
  ],
  cancel: [
    ['cancel p17_1', 'one order, after a question'],
    ['cancel --symbol AAPL --yes', "a symbol's entries, without a question"],
    ['cancel --all-entries --yes --json', 'all entries, for programs'],
  ],
  withdraw: [
    ['withdraw p17', 'one plan'],
    ['withdraw --strategy momentum --yes', "a strategy's plans"],
  ],
  close: [
    ['close p17', 'one plan'],
    ['close --symbol AAPL --yes --timeout 60', 'the plans of a symbol'],
    ['close --all', 'everything that plans hold'],
  ],
  resume: [["resume 'prices are right again'", 'with the reason, for the record']],
  reopen: [['reopen broker', 'the broker takes orders again']],
  accept: [['accept equity', 'a deposit, for example']],
  record: [
    ['record journal.jsonl', 'until Ctrl-C'],
    ['record journal.jsonl --account paper --max-size 256 --keep 4', 'another account, at most 1 GiB'],
  ],
  replay: [
    ['replay journal.jsonl --set WORK_STEALING_PROTECTION=0.006', 'with a wider protection'],
    [
      'replay journal.jsonl.1 journal.jsonl --set WORK_STEALING_POLICY=distance --json',
      'two files, for programs',
    ],
  ],
  decide: [
    ['decide scenarios.json --verbose', 'with the numbers behind each decision'],
    ['decide - --json', 'from standard input, for programs'],
  ],
  clock: [['clock --at 2026-11-27T13:05:00-05:00 --symbol AAPL', 'at one instant']],
  config: [
    ['config', 'what is in force here'],
    ['config --config worksteal.env --json', 'with a settings file, for programs'],
  ],
  complete: [
    ['complete bash', 'put `source <(worksteal complete bash)` into ~/.bashrc'],
    ['complete zsh', 'put `source <(worksteal complete zsh)` into ~/.zshrc, behind compinit'],
    ['complete fish', 'save it as ~/.config/fish/completions/worksteal.fish'],
  ],
};

/** Adds the examples to the end of the command's help. */
export function withExamples(command: Command, name: CommandName): Command {
  const lines = columns(EXAMPLES[name].map(([line, does]) => [`  worksteal ${line}`, does]));
  return command.addHelpText('after', `\nExamples:\n${lines.trimEnd()}`);
}
