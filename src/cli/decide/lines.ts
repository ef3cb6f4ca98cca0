/** Prints a decision as a JSON line, or as a table row. */

import type { WorkstealError } from '../../domain/errors.ts';
import { microsToDollars } from '../../domain/money.ts';
import { explain } from '../../domain/outcome.ts';
import { DECIDE } from '../../json/decide.ts';
import { errorFields } from '../../json/error.ts';
import { fromLedger } from '../../json/from-ledger.ts';
import { jsonLine } from '../../json/print.ts';
import type { Decision } from '../../ledger/what-if/decide.ts';

/** One scenario's result. `wrong`: what differs from the expectation, or why there is no decision. */
export type Result = { id: string; expects: boolean; wrong: string[]; warnings: string[] } & (
  | { decision: Decision }
  | { error: WorkstealError }
);

/** Their value is `id symbol pnl held_micros`. */
const NAMES_AN_ORDER = new Set(['worst', 'unbeaten']);
const NO_DETAIL = new Set(['need_micros', 'room_micros', 'pool_room_micros', 'victims', 'command']);

export function decisionLine(result: Result, verbose: boolean): string {
  if ('error' in result) return jsonLine(DECIDE, { id: result.id, ...errorFields(result.error) });
  const { admitted, victims, reason, wouldVictims, kept, wouldKeep, numbers } = result.decision;
  return jsonLine(DECIDE, {
    id: result.id,
    admitted,
    victims,
    reason,
    ...(wouldVictims && { wouldVictims }),
    ...(kept && { kept }),
    ...(wouldKeep && { wouldKeep }),
    ...(reason === 'invalid' && { field: numbers['field'] ?? null, message: numbers['message'] ?? '' }),
    ...(verbose && { numbers: fromLedger(numbers) }),
  });
}

export const HEADINGS = ['ID', 'ADMITTED', 'REASON', 'VICTIMS', ''];

/** The cells of one row, under HEADINGS; the last one is the verdict. */
export function cells(result: Result): string[] {
  if ('error' in result) return [result.id, '-', '-', '-', 'ERROR'];
  const { admitted, reason, victims, wouldVictims } = result.decision;
  const taken = wouldVictims === undefined ? victims.join(' ') : `(would be ${wouldVictims.join(' ')})`;
  const verdict = result.wrong.length > 0 ? 'DIFFERS' : result.expects ? 'ok' : '';
  return [result.id, admitted ? 'yes' : 'no', reason, taken, verdict];
}

/** One sentence with the numbers behind a decision, for `--verbose`. */
export function detail(result: Result): string {
  if ('error' in result) return result.error.message;
  const { reason, numbers } = result.decision;
  if (reason === 'invalid') return numbers['message'] ?? explain(reason);
  const dollars = (name: string): string =>
    numbers[name] === undefined ? '-' : `$${microsToDollars(Number(numbers[name]))}`;
  const pool =
    numbers['pool_room_micros'] === undefined ? '' : `, ${dollars('pool_room_micros')} in its pool`;
  const room =
    `needs ${dollars('need_micros')}, ` +
    `${reason === 'fits' || reason === 'stolen' ? 'leaves ' : 'room '}${dollars('room_micros')}${pool}`;
  const rest = Object.entries(numbers).flatMap(([name, value]) => {
    if (NO_DETAIL.has(name) || value === '' || (name === 'frees_pool_micros' && pool === '')) return [];
    if (name === 'passed_over') return `passed over: ${counted(value)}`;
    if (name.endsWith('_micros')) return `${words(name.slice(0, -'_micros'.length))} ${dollars(name)}`;
    if (NAMES_AN_ORDER.has(name))
      return `${name} ${value.replace(/\d+$/, (micros) => `$${microsToDollars(Number(micros))}`)}`;
    return `${words(name)} ${value}`;
  });
  return `${explain(reason)}: ${[room, ...rest].join('; ')}`;
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** `near 2;cooling 0;…` -> `near 2`: without the zeros. */
function counted(passedOver: string): string {
  const some = passedOver.split(';').filter((part) => !part.endsWith(' 0'));
  return some.length === 0 ? 'none' : words(some.join(', '));
}
