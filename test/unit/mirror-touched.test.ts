/** What the mirror has to read again after an event. */
import { expect, it } from 'vitest';
import { touchedBy } from '../../src/mirror/touched.ts';

const touched = (type: string, fields: Record<string, string>) => touchedBy({ id: '1-0', type, fields });

it('an event of an order asks for neither the status nor the steals, which are long scripts', () => {
  const { orders, steals, status, all } = touched('reserved', { order: 'a_1', plan: 'a' });
  expect({ orders, steals, status, all }).toEqual({
    orders: ['a_1'],
    steals: false,
    status: false,
    all: false,
  });
});

it.each(['stolen', 'granted', 'judged', 'steal_failed', 'steal_unused', 'dry_run'])(
  'the event %s asks for the steals',
  (type) => expect(touched(type, { order: 'a_1' }).steals).toBe(true),
);

it.each(['halted', 'closed', 'reopened', 'equity_held_back'])(
  'the event %s is of the account itself, and asks for the status',
  (type) => expect(touched(type, { reason: 'lunch' })).toMatchObject({ status: true, orders: [], plans: [] }),
);
