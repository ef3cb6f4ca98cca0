/** Decides a scenario's attempt like any other: admit, and if there is no room, steal. */
import { toNanos } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { microsToDollars } from '../../domain/money.ts';
import type { Mode, OrderWish, Side } from '../../domain/order.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { Env, Settings } from '../../rules/settings.ts';
import { admit } from '../commands/admit.ts';
import { steal } from '../commands/steal.ts';
import type { Ledger } from '../ledger.ts';
import type { Fields } from '../reply.ts';
import { LEASE_MS, poolAsked, settingsOf, writeBook } from './book.ts';
import type { Kept, Scenario } from './scenario.ts';

export type Decision = {
  admitted: boolean;
  /** Ids, worst first. */
  victims: string[];
  reason: Outcome;
  /** The victims of a dry run, worst first; only with `dry_run`. */
  wouldVictims?: string[];
  /** What a victim keeps; only where one keeps something. */
  kept?: Kept[];
  /** The same in a dry run. */
  wouldKeep?: Kept[];
  /**
   * The fields of the ledger's reply: need, room, candidates seen and skipped. For `invalid`: the argument
   * and the message.
   */
  numbers: Fields;
};

/**
 * Decides on a scratch account that nobody else uses.
 * @param base settings below the scenario's own; {} for the defaults
 * @throws WorkstealError `invalid` for a fault in the scenario (a fault in the attempt is the decision
 *   `invalid`), `settings`, `unavailable`
 */
export async function decide(ledger: Ledger, scenario: Scenario, base: Env = {}): Promise<Decision> {
  const { settings } = settingsOf(scenario, base);
  let wish: OrderWish;
  try {
    wish = wishOf(scenario, settings);
  } catch (error) {
    return refusal(error);
  }
  await writeBook(ledger, scenario, settings);
  try {
    return await attempt(ledger, wish, scenario.mutexHeld ? '' : 'gone');
  } catch (error) {
    return refusal(error);
  }
}

async function attempt(ledger: Ledger, wish: OrderWish, mutex: string): Promise<Decision> {
  const admission = await admit(ledger, wish, LEASE_MS);
  const answer = admission.outcome === 'blocked' ? await steal(ledger, wish, LEASE_MS, mutex) : admission;
  if (answer.outcome === 'exists' || answer.outcome === 'superseded')
    throw new WorkstealError('bug', `the attempt ${wish.id} is already in the scratch ledger`);
  const taken = 'victims' in answer ? answer.victims.map(({ id }) => id) : [];
  const { outcome: reason, numbers } = answer;
  const part = 'kept' in answer ? answer.kept : undefined;
  const kept = part && [{ order: part.id, qty: part.qty, notional: microsToDollars(part.heldMicros) }];
  return {
    admitted: reason === 'fits' || reason === 'stolen',
    victims: reason === 'stolen' ? taken : [],
    reason,
    ...(reason === 'dry_run' ? { wouldVictims: taken } : {}),
    ...(kept && (reason === 'dry_run' ? { wouldKeep: kept } : { kept })),
    numbers,
  };
}

/**
 * The attempt of a scenario as a wish.
 * @throws WorkstealError `invalid` for what is checked before the ledger: the symbol, and the price's form.
 */
export function wishOf({ attempt: asked, orders }: Scenario, settings: Settings): OrderWish {
  const taken = new Set(orders.map(({ id }) => id));
  let id = 'attempt';
  while (taken.has(id)) id += '_';
  if (asked.price !== null && asked.price !== undefined) toNanos(asked.price, 'price');
  const symbol = toSymbol(asked.symbol);
  return {
    id,
    symbol,
    // The ledger checks these words.
    side: asked.side as Side,
    kind: asked.kind as OrderWish['kind'],
    mode: asked.mode as Mode,
    limit: asked.limit,
    qty: asked.qty,
    pnl: asked.pnl ?? '0',
    fillProbability: asked.fillProbability ?? '1',
    pool: poolAsked(asked.pool, symbol, settings),
    owner: 'scenario',
  };
}

function refusal(error: unknown): Decision {
  if (!(error instanceof WorkstealError) || error.code !== 'invalid') throw error;
  return {
    admitted: false,
    victims: [],
    reason: 'invalid',
    numbers: { ...error.details, message: error.message },
  };
}
