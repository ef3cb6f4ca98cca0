/** What is asked and answered about orders. */
import { z } from 'zod';
import { ORDER_STATES } from '../domain/order.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { LEDGER_FIELDS } from '../json/from-ledger.ts';
import { ORDERS } from '../json/orders.ts';
import { PAGE_ANSWER } from './listing.ts';
import { ID, named } from './schema.ts';
import { MODE, PNL, PRICE, PROBABILITY, QUANTITY, SIDE, SYMBOL } from './terms.ts';

const STATE = z.enum(ORDER_STATES).describe('docs/architecture.md, 2');
const LEASE = z.int().describe('ms; renew or place it within this time, or its room comes back');

/** Why a wish was refused: an outcome of the rules, or its steal failed. */
export const REFUSED_FOR = [...OUTCOMES.filter((one) => one !== 'fits' && one !== 'stolen'), 'steal_failed'];

export const WISH = z
  .strictObject({
    symbol: SYMBOL,
    side: SIDE,
    kind: z.enum(['entry', 'exit']).default('entry').describe('exit: it closes a position and needs no room'),
    mode: MODE.default('normal'),
    limit: PRICE,
    qty: QUANTITY,
    pnl: PNL.default('0'),
    fillProbability: PROBABILITY.default('1'),
  })
  .describe('An order that wants room.');

export const WAIT_QUERY = z.strictObject({
  waitMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(30_000)
    .default(1_000)
    .describe('ms; how long to wait for the result before 202 is answered'),
});

export const ENTERED = named(
  'Entered',
  z
    .discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('reserved').describe('it has its room'),
        id: ID,
        how: z.enum(['fits', 'stolen']).describe('stolen: it took the room of worse orders'),
        leaseMs: LEASE,
      }),
      z.strictObject({
        outcome: z.literal('refused').describe('it has no room'),
        id: ID,
        reason: z.enum(REFUSED_FOR as [string, ...string[]]).describe('docs/rules.md, 10'),
        sentence: z.string().describe('the reason for people'),
        numbers: LEDGER_FIELDS.describe('what was judged'),
        wouldFight: z.array(z.string()).describe('symbols passed over: one more steal would be a fight'),
      }),
      z.strictObject({
        outcome: z.literal('known').describe('it is past its reservation'),
        id: ID,
        state: STATE,
      }),
      z.strictObject({
        outcome: z.literal('superseded').describe('the broker has had a later order of its series'),
        id: ID,
        by: z.string().describe('the later order of its series that the broker has had: go on with that one'),
      }),
    ])
    .describe('What became of the wish. A refusal is a result, not an error.'),
);

export const PENDING = named(
  'Pending',
  z
    .strictObject({ outcome: z.literal('pending').describe('undecided'), id: ID })
    .describe(
      'Undecided: its victims are being cancelled. Ask again with the same wish, or follow the events.',
    ),
);

export const PLACED = named(
  'Placed',
  z
    .discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal('working').describe('it is live at the broker'), id: ID }),
      z.strictObject({
        outcome: z.literal('ended').describe('filled at once, refused by the broker, or ended meanwhile'),
        id: ID,
        state: STATE,
        reason: z.string().describe('one word'),
      }),
      z.strictObject({
        outcome: z.literal('not_sent').describe('nothing was sent'),
        id: ID,
        reason: z.string().describe('why; its room was given back'),
      }),
    ])
    .describe('What became of the order at the broker.'),
);

export const RENEWED = named(
  'Renewed',
  z
    .discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.literal('renewed').describe('it is kept for leaseMs'),
        id: ID,
        leaseMs: LEASE,
      }),
      z.strictObject({
        outcome: z.literal('lost').describe('it is no reservation any more'),
        id: ID,
        state: STATE,
      }),
    ])
    .describe('lost: it is no reservation any more; its state says what it is.'),
);

export const RELEASED = named(
  'Released',
  z
    .strictObject({
      outcome: z
        .enum(['released', 'exists', 'sent'])
        .describe('exists: it has ended before; sent: it may be at the broker: cancel it'),
      id: ID,
    })
    .describe('Whether its room was given back.'),
);

export const CANCELLED = named(
  'Cancelled',
  z
    .strictObject({
      outcome: z
        .enum(['cancelling', 'exists', 'not_working'])
        .describe(
          'cancelling: a worker carries it out; exists: it was asked before, or has ended; not_working: ' +
            'it is not at the broker: release it',
        ),
      id: ID,
    })
    .describe('Whether its cancellation is on record. It counts until the broker confirms its end.'),
);

const ROW = ORDERS.shape.orders.element;

export const ORDER_LIST = named(
  'Orders',
  z
    .strictObject({ orders: z.array(ROW).describe('the page'), ...PAGE_ANSWER })
    .describe('Orders, those with the lowest PnL first.'),
);

export const ORDER = named(
  'Order',
  z
    .object({
      ...ROW.shape,
      needMicros: z.int().describe('micro-USD; what it needs'),
      filledMicros: z.int().describe('micro-USD; the cost of what was filled'),
      endedAtMs: z.int().describe('ms since 1970, ledger time; when it ended; 0: it lives'),
      sentAtMs: z.int().describe("ms since 1970, server's time; when it was marked as sent; 0: never"),
      owner: z.string().describe('who holds it'),
      cancelReason: z.string().describe('why its cancellation was asked for; empty: it was not'),
    })
    .describe('An order.'),
);
