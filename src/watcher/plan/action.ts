/** What a plan's watcher can do next. The table in decide-next.ts says when it does which. */

export type Action =
  | { do: 'wait'; why: string }
  /** Read the plan's current orders from the ledger. */
  | { do: 'look' }
  /** `forced`: at any distance, by its rank out of hours. */
  | { do: 'enter'; forced: boolean }
  /** Wait for room no more: the price is out of tolerance, or not known. */
  | { do: 'leave'; why: 'far' | 'no_price' }
  /** Give back a reservation that was never sent. */
  | { do: 'release'; reason: string }
  | { do: 'cancel_entry'; reason: string }
  /** Record when the holding time began, while the rest of the entry is open. */
  | { do: 'hold_part' }
  /** Continue with an entry that was found at the broker. */
  | { do: 'resume'; attempt: number }
  /** Go on with the smaller order that the ledger reserved as the plan's next attempt. */
  | { do: 'keep'; attempt: number }
  /** Back to waiting, with the next attempt. */
  | { do: 'retry'; why: 'robbed' | 'rejected' | 'ended' }
  /** Back to waiting, with the same attempt. */
  | { do: 'reconsider' }
  | { do: 'hold' }
  | { do: 'exit'; exitAttempt: number; qty: string; limit: string; closing: boolean }
  | { do: 'cancel_exit' }
  | { do: 'finish'; stage: 'done' | 'withdrawn' | 'expired'; reason: string };

export const wait = (why: string): Action => ({ do: 'wait', why });
