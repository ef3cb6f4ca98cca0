/**
 * The live view on a terminal: room, orders by state, the latest steals.
 */
import colors from 'picocolors';
import { usd } from '../../domain/amounts.ts';
import { snapshot } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { lossWait } from '../../ledger/loss-wait.ts';
import { bar } from '../terminal/bar.ts';
import type { Tally } from './tally.ts';

const STEALS_SHOWN = 8;
const BAR = 40;

const dollars = (micros: number): string => usd(micros, 0);

/** Reads the ledger and returns the lines of the view. */
export async function render(ledger: Ledger, tally: Tally, seconds: number): Promise<string[]> {
  const book = await snapshot(ledger);
  if (!book) return ['the account does not exist yet'];
  const number = (field: string) => Number(book.account[field] ?? 0);
  const [cap, orders, positions] = [
    number('cap_micros:total'),
    number('orders_micros:total'),
    number('positions_micros:total'),
  ];
  const used = orders + positions;
  const wait = lossWait(book);
  const states = new Map<string, number>();
  for (const order of book.orders) states.set(order.state, (states.get(order.state) ?? 0) + 1);
  const { admit, blockedToGranted } = tally.latencyMs();
  const refusals = Object.entries(tally.refused).sort((a, b) => b[1] - a[1]);
  const row = (label: string, text: string) => `${colors.dim(label.padEnd(10))} ${text}`;
  const ledgerTime = `${new Date(book.nowMs).toISOString().slice(0, 19)}Z`;
  return [
    `${colors.bold('worksteal')} ${colors.dim(`${seconds.toFixed(0)} s, ledger time ${ledgerTime}`)}`,
    ...(wait === undefined ? [] : [row('entries', colors.yellow(wait.words))]),
    row('room', `${bar(cap === 0 ? 0 : used / cap, BAR)} ${dollars(cap - used)} of ${dollars(cap)} free`),
    row(
      'used',
      `orders ${dollars(orders)}, positions ${dollars(positions)} in ${book.positions.length} symbols`,
    ),
    row(
      'orders',
      ['pending', 'reserved', 'working', 'cancelling']
        .map((state) => `${state} ${states.get(state) ?? 0}`)
        .join('   '),
    ),
    row(
      'steals',
      `${tally.steals.stolen} begun, ${colors.green(`${tally.steals.granted} granted`)}, ` +
        `${colors.yellow(`${tally.steals.failed} failed`)}`,
    ),
    row(
      'admitted',
      `${tally.admitted}   p50 ${admit.p50} ms   blocked to granted p50 ${blockedToGranted.p50} ms`,
    ),
    row('refused', refusals.map(([reason, count]) => `${reason} ${count}`).join('   ') || 'none'),
    '',
    ...tally.recent.slice(-STEALS_SHOWN).map((steal) => `${colors.magenta('steal')}      ${steal}`),
  ];
}
