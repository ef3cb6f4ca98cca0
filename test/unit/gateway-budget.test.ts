/** What a gateway says would help an order whose steal the budget does not allow. */
import { expect, it } from 'vitest';
import { refusalOf } from '../../src/gateway/refusals.ts';
import { anOrder } from '../support/ledger.ts';

const told = (takes: string) =>
  refusalOf(
    { reason: 'budget_spent', numbers: { takes_micros: takes, budget_micros: '500000000' } },
    anOrder('a').wish,
  ).message;

it('is the end of the window, or a larger budget where the steal alone takes more than all of it', () => {
  expect(told('500000000')).toContain('free room, or the end of the window of WORK_STEALING_BUDGET');
  expect(told('500000001')).toMatch(/free room, or a larger WORK_STEALING_BUDGET$/);
});
