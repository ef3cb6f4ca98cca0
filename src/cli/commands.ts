/**
 * The commands of `worksteal`, each with its line in `worksteal --help`. A command is a file beside this one,
 * `<name>.ts`, which exports `<name>Command(): Command`; its examples are in examples.ts.
 */

export const SUMMARIES = {
  doctor: 'say whether this machine and its settings are fit to run',
  up: 'run the whole system on this machine, as a demo',
  exchange: 'run the paper exchange',
  watch: 'run a watcher host, which carries out plans',
  work: 'run a worker, which cancels orders at the broker',
  keep: 'run a keeper, which compares the ledger with the broker',
  serve: 'run the HTTP API, for bots in any language',
  gateway: "run a gateway, which speaks Alpaca's protocol to bots",
  alert: 'post to a webhook what is not well',
  token: 'make, list and revoke tokens of the HTTP API, and keys of bots',
  plan: 'file plans, from a file of forecasts or made up',
  status: "show an account's room, orders, plans, refusals and hosts",
  top: 'show an account on one screen, again every second',
  plans: 'show plans, each with its last refusal',
  orders: 'show live orders, and which may be taken now',
  steals: 'show the latest steals',
  fights: 'show fights and cooldowns',
  waiting: 'show the plans that wait for room, and whose turn it is',
  why: 'explain an order, a plan, a symbol or a steal',
  report: 'tell what an account did in a period, as text or one HTML file',
  evaluate: 'say what stealing earns on your own bars or journals, with intervals',
  tune: 'pick thresholds on the past, judge them on what came after',
  tail: "follow an account's events",
  audit: 'recompute all sums of the ledger',
  check: 'say whether an account is well',
  halt: 'admit no entries any more',
  cancel: 'cancel orders at the broker',
  withdraw: 'withdraw plans; what they hold keeps its exit',
  close: 'close plans, and what they hold, at the market',
  resume: 'end a halt',
  reopen: 'end one cause for which an account is closed',
  accept: 'accept an equity that was held back',
  decide: 'say what the rules decide in a scenario',
  record: "write a journal of an account's decisions",
  replay: 'decide a journal again under other settings',
  clock: 'say whether New York is open, and how near an order must be',
  config: 'show every rule setting and where it came from',
  complete: 'print the script that completes commands in a shell',
} as const satisfies Record<string, string>;

export type CommandName = keyof typeof SUMMARIES;

export const COMMANDS = Object.keys(SUMMARIES) as CommandName[];
