/** What became of an attempt to enter an order, and to place it. */
import type { RefusalNumbers } from '../broker/port.ts';
import type { FinalState, OrderState } from '../domain/order.ts';
import type { Refusal } from '../domain/outcome.ts';
import type { Fields } from '../ledger/reply.ts';

export type Entered =
  /**
   * Room is reserved under the wish's id: renew or place it within the lease. `blockedMs`: from the refusal
   * of admission to the grant.
   */
  | { outcome: 'reserved'; how: 'fits' | 'stolen'; blockedMs?: number }
  /** The order exists and is past its reservation. */
  | { outcome: 'known'; state: OrderState }
  /** The broker has a later order of the plan, `by`: continue with that one. */
  | { outcome: 'superseded'; by: string }
  /** `steal_failed`: the steal was committed, but a victim filled, or the grant came too late. */
  | {
      outcome: 'refused';
      reason: Refusal | 'dry_run' | 'steal_failed';
      numbers: Fields;
      wouldFight: string[];
    };

export type Placed =
  /** Live at the broker and open in the ledger. `wire`: as the broker's own answer, where that came now. */
  | { outcome: 'working'; wire?: unknown }
  /**
   * Filled at once, rejected by the broker (its room was given back), or ended meanwhile. `refusal`: the
   * broker's words, where it refused the order now.
   */
  | { outcome: 'ended'; state: FinalState; reason: string; refusal?: BrokerRefusal; wire?: unknown }
  /**
   * Over the cap, halted, unsynced, unknown to the ledger, or too late: nothing was sent, and its room was
   * given back.
   */
  | { outcome: 'not_sent'; reason: string }
  /**
   * It may be at the broker: it got no answer, or the ledger may have lost that it was sent before. It stays
   * reserved, and the keeper asks the broker: wait for the order's events.
   */
  | { outcome: 'unclear' };

/** Its numbers are there where the broker has some (src/broker/port.ts). */
export type BrokerRefusal = { message: string } & Partial<RefusalNumbers>;
