/** What an event changes: the orders and plans that it names. */
import type { LedgerEvent } from '../ledger/events.ts';

/**
 * `ended`: orders that have ended. `steals`: the list of steals. `status`: the account itself, such as a
 * halt. `all`: the whole book may have changed.
 */
export type Touched = {
  orders: string[];
  ended: string[];
  plans: string[];
  steals: boolean;
  status: boolean;
  all: boolean;
};

/** After these, what is on record may have little to do with what was. */
const OF_THE_BOOK = new Set(['rebuilt', 'mended', 'configured', 'resumed']);

const OF_STEALS = /^(?:stolen|granted|judged|dry_run|steal_\w+)$/;

/** As the ledger names orders and plans. What else stands there, such as a person, is none of them. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

const named = (...ids: (string | undefined)[]): string[] =>
  ids.filter((id) => id !== undefined && ID.test(id)) as string[];

export function touchedBy({ type, fields }: LedgerEvent): Touched {
  const victims = [...(fields['victims'] ?? '').matchAll(/(\S+) \S+ \S+ \d+;?/g)].map(([, id]) => id);
  const isEnd = type === 'ended';
  return {
    orders: named(isEnd ? '' : fields['order'], fields['robbed_by'], ...victims),
    ended: named(isEnd ? fields['order'] : ''),
    plans: named(fields['plan']),
    status: [fields['order'], fields['plan']].every((id) => id === undefined),
    steals: OF_STEALS.test(type),
    all: OF_THE_BOOK.has(type),
  };
}
