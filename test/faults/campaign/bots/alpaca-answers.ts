/** What a gateway's answers mean to a bot. */
import { z } from 'zod';
import type { FinalState } from '../../../../src/domain/order.ts';
import type { Called } from './caller.ts';

/** The ledger's words for a status in which an order has ended. */
export const FINAL: Readonly<Record<string, FinalState>> = {
  filled: 'filled',
  canceled: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};
export const wireOrder = z.looseObject({
  id: z.string(),
  client_order_id: z.string(),
  status: z.string(),
  filled_qty: z.string(),
});
export type WireOrder = z.output<typeof wireOrder>;

/** For the record. */
export function words(answer: Called | undefined): string {
  if (answer === undefined) return 'no answer';
  const { message, status } = answer.body;
  return `${answer.status} ${String(message ?? status ?? '').slice(0, 200)}`;
}

/** 5xx but for "nothing was done"; and the same id again: an earlier request may have placed it. */
export function isUnclear({ status, body }: Called): boolean {
  return status === 500 || (status === 422 && String(body['message']).includes('must be unique'));
}

/** The order is being replaced by somebody, perhaps by an earlier request. */
export function isReplacing({ status, body }: Called): boolean {
  return status === 422 && String(body['message']).includes('pending_replace');
}

export function isAway({ status }: Called): boolean {
  return status >= 500 || status === 429;
}
