/**
 * Reads the examples of docs/rules.md, short blocks for people, as scenarios. The page's own table defines
 * each line.
 */
import { readFileSync } from 'node:fs';

/** `rule` is the number of the rule that it stands under; `line` where it begins in the page. */
export type Example = { rule: string; line: number; lines: string[]; expected: string };

/** A row of the table under 11.4. */
export type ClockRow = {
  atMs: number;
  symbol: string;
  rank: number | null;
  open: boolean;
  tolerance: string;
  atOnce: boolean;
};

const DAY = '2025-01-15';
const PAGE = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8').split('\n');

/** Every example block, in the page's order. */
export function readExamples(): Example[] {
  const found: Example[] = [];
  let rule = '';
  for (let at = 0; at < PAGE.length; at += 1) {
    rule = /^#{2,3} (\d+(?:\.\d+)?)\.? /.exec(PAGE[at] ?? '')?.[1] ?? rule;
    if (PAGE[at] !== '```example') continue;
    const end = PAGE.indexOf('```', at + 1);
    const lines = PAGE.slice(at + 1, end);
    const expected = /^-> (.+)$/.exec(lines.pop() ?? '')?.[1];
    if (expected === undefined) throw new Error(`docs/rules.md:${end}: an example ends with "-> outcome"`);
    found.push({ rule, line: at + 1, lines, expected });
    at = end;
  }
  return found;
}

/** The settings of an example, by their variables. */
export function settingsOf(example: Example): Record<string, string> {
  return Object.fromEntries(
    example.lines.flatMap((line) => {
      const [, name, value] = /^set (\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

const ORDER = /^([A-Z/]+(?:-\d+)?) (buys|sells) (\S+) at (\S+), (.+)$/;
const WISH = /^(\S+) wants to (buy|sell) (\S+) at (\S+), (.+)$/;
const POSITION = /^holds (\S+) ([A-Z/]+), bought at (\S+)$/;
const STEAL = /^(\S+) took from (\S+) at ([\d:]+)(?:, \$(\S+))?$/;
const instant = (time: string): string => `${DAY}T${time}Z`;

/** What may stand after the limit, and the field of the scenario that it is. */
const REST: readonly (readonly [RegExp, string])[] = [
  [/^price (\S+)(?: of \S+)?$/, 'price'],
  [/^PnL (\S+)$/, 'pnl'],
  [/^likely (\S+)$/, 'fillProbability'],
  [/^pool (\S+)$/, 'pool'],
  [/^(probe)$/, 'mode'],
  [/^(reserved|cancelling)$/, 'state'],
  [/^(exit|external)$/, 'kind'],
  [/^placed (\S+)$/, 'placedAt'],
];

function readRest(rest: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of rest.split(', ').filter((part) => part !== 'no price')) {
    const [pattern, field] = REST.find(([one]) => one.test(part)) ?? [];
    if (pattern === undefined || field === undefined)
      throw new Error(`docs/rules.md: "${part}" means nothing in an example`);
    const value = pattern.exec(part)?.[1] ?? '';
    fields[field] = field === 'placedAt' ? instant(value) : value;
    const of = / of (\S+)$/.exec(part)?.[1];
    if (of !== undefined) fields['priceAt'] = instant(of);
  }
  return fields;
}

/**
 * The scenario as `worksteal decide` reads it; null where the example is about settings alone.
 * @throws Error naming a line that no pattern fits
 */
export function scenarioOf(example: Example): object | null {
  const scenario = {
    id: `${example.rule}, line ${example.line}`,
    config: settingsOf(example),
    now: instant('15:00:00'),
    account: { equity: '0', leverage: '1' },
    positions: [] as object[],
    orders: [] as object[],
    history: [] as object[],
    attempt: null as object | null,
  };
  for (const line of example.lines) {
    const cap = /^cap (\S+)$/.exec(line);
    const order = ORDER.exec(line);
    const wish = WISH.exec(line);
    const position = POSITION.exec(line);
    const steal = STEAL.exec(line);
    if (cap) scenario.account.equity = cap[1] ?? '';
    else if (wish) {
      const [, symbol, side, qty, limit, rest = ''] = wish;
      scenario.attempt = { symbol, side, qty, limit, ...readRest(rest) };
    } else if (order) {
      const [, id = '', verb, qty, limit, rest = ''] = order;
      const [symbol] = id.split('-');
      const side = verb === 'buys' ? 'buy' : 'sell';
      const placedAt = instant('14:00:00');
      scenario.orders.push({
        id: id.replace('/', ''),
        symbol,
        side,
        qty,
        limit,
        placedAt,
        ...readRest(rest),
      });
    } else if (position) {
      const [, qty, symbol, price] = position;
      scenario.positions.push({ symbol, qty, price });
    } else if (steal) {
      const [, to, from, time = '', held] = steal;
      scenario.history.push({ at: instant(time), from, to, ...(held && { held }) });
    } else if (!line.startsWith('set '))
      throw new Error(`docs/rules.md:${example.line}: "${line}" can't be read`);
  }
  return scenario.attempt === null ? null : scenario;
}

/** The rows of the table of instants. */
export function readClockRows(): ClockRow[] {
  return PAGE.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, at = '', symbol = '', rank = '', session, tolerance = '', atOnce] = cells;
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/.test(at)) return [];
    return [
      {
        atMs: Date.parse(at.replace(' ', 'T')),
        symbol,
        rank: rank === '-' ? null : Number(rank),
        open: session === 'open',
        tolerance,
        atOnce: atOnce === 'yes',
      },
    ];
  });
}
