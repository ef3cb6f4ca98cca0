/** The API's answers and events as far as a bot reads them. */
import { z } from 'zod';
import { FINAL_STATES, ORDER_STATES } from '../../../../src/domain/order.ts';
import type { Called } from './caller.ts';

export const outcome = z.looseObject({
  outcome: z.string().default(''),
  state: z.enum(ORDER_STATES).optional().catch(undefined),
  reason: z.string().default(''),
  code: z.string().default(''),
  retriable: z.boolean().default(false),
  filledQty: z.string().default('0'),
});
export type Said = z.output<typeof outcome> & { status: number };
export const endedEvent = z.looseObject({
  order: z.string(),
  state: z.enum(FINAL_STATES),
  filledQty: z.string().default('0'),
});

/** Does it ask for the same again? */
export function mayRepeat({ status, body }: Called): boolean {
  return status === 202 || body['retriable'] === true;
}
