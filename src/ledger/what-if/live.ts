/** A what-if on the live book: what would become of a wish now? (lua/what-if/what-if.lua) Reads only. */
import { WorkstealError } from '../../domain/errors.ts';
import type { OrderWish } from '../../domain/order.ts';
import { explain, OUTCOMES, type Outcome } from '../../domain/outcome.ts';
import { unavailable } from '../answer.ts';
import { checkArguments } from '../arguments.ts';
import { wishArguments } from '../commands/wish.ts';
import { key } from '../keys.ts';
import type { Ledger } from '../ledger.ts';
import { evaluateReadOnly } from '../read-only.ts';
import { decode, type Fields } from '../reply.ts';
import { whatIfText } from '../scripts.ts';
import { type KeptPart, readKept, readVictims, type Victim } from '../victims.ts';

/**
 * `reason`: the outcome that the order would have now. `sentence`: the same in words. `victims`: whose room
 * it would take, worst first; `wouldVictims`: the same where steals are dry runs. `numbers`: the fields of
 * the ledger's reply, such as need_micros and room_micros.
 */
export type LiveDecision = {
  admitted: boolean;
  reason: Exclude<Outcome, 'invalid'>;
  sentence: string;
  victims: Victim[];
  wouldVictims: Victim[];
  /** What one of the victims keeps, or would keep. */
  kept?: KeptPart;
  numbers: Fields;
};

/**
 * The asking host: its pools and its settings, as `admit` and `steal` take them. '' compares nothing.
 */
export type AskingHost = { poolRule: string; fingerprint: string };

const LEASE_MS = 60_000;

let text: string | undefined;

/**
 * What `enter` would decide about this wish at this instant, apart from what only the broker knows (may the
 * symbol be traded?). Changes nothing. The book may change before a real attempt.
 * @throws WorkstealError `invalid` for an argument, or for an id that the ledger has already; `damaged` where
 *   the book is inconsistent; `unavailable`
 */
export async function whatIf(
  ledger: Ledger,
  wish: OrderWish,
  host: AskingHost = { poolRule: '', fingerprint: '' },
): Promise<LiveDecision> {
  const args = [
    ...wishArguments(wish, LEASE_MS, await ledger.serverId()),
    '',
    host.poolRule,
    host.fingerprint,
  ];
  checkArguments('what-if', args);
  const raw = await evaluate(ledger, [1, key(ledger.account, 'account'), ...args]);
  const { outcome, fields } = decode('what-if', [...OUTCOMES, 'exists', 'superseded'] as const, raw);
  if (outcome === 'exists' || outcome === 'superseded') {
    const facts = { field: 'id', value: wish.id };
    throw new WorkstealError('invalid', `the ledger already has the order ${wish.id}`, facts);
  }
  const taken = readVictims(fields);
  return {
    admitted: outcome === 'fits' || outcome === 'stolen',
    reason: outcome as LiveDecision['reason'],
    sentence: explain(outcome),
    victims: outcome === 'stolen' ? taken : [],
    wouldVictims: outcome === 'dry_run' ? taken : [],
    ...readKept(fields),
    numbers: fields,
  };
}

async function evaluate({ redis }: Ledger, args: (string | number)[]): Promise<unknown> {
  text ??= whatIfText();
  try {
    return await evaluateReadOnly(redis, text, args);
  } catch (error) {
    const fault = /^FAULT (.*)/s.exec((error as Error).message)?.[1];
    if (fault === undefined) throw unavailable('what-if', error, redis);
    throw new WorkstealError('damaged', `what-if: ${fault}`, { command: 'what-if' }, error);
  }
}
