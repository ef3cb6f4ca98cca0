/** The body of PATCH /v2/orders/{id}: what is to change; what is left out stays. Numbers or text. */
import { z } from 'zod';
import { forbidden, unprocessable } from '../../alpaca-server/errors.ts';
import type { ReplaceRequest } from '../../broker/port.ts';
import { TIMES_IN_FORCE } from '../../broker/port.ts';
import { amount, clientIdText } from './new-order.ts';

const BODY = z.object({
  qty: amount.nullish(),
  limit_price: amount.nullish(),
  stop_price: amount.nullish(),
  trail: amount.nullish(),
  time_in_force: z.enum(TIMES_IN_FORCE, 'invalid time_in_force').nullish(),
  client_order_id: clientIdText.nullish(),
});

/** Prices and quantities are decimal strings. */
export type Replacement = {
  clientId: string | undefined;
  asks: Pick<ReplaceRequest, 'limit' | 'qty' | 'stop' | 'trail' | 'timeInForce'>;
};

/**
 * @param type of the order that is to be replaced
 * @throws AlpacaError 422 for a malformed body or a field that the type does not have, 403 for an empty one
 */
export function readReplacement(body: unknown, type: string): Replacement {
  const parsed = BODY.safeParse(body ?? {});
  if (!parsed.success) {
    const { path = [], message = 'the request is malformed' } = parsed.error.issues[0] ?? {};
    throw unprocessable([path.join('.'), message].filter((part) => part !== '').join(': '));
  }
  const { qty, limit_price: limit, stop_price: stop, trail, time_in_force, client_order_id } = parsed.data;
  const asks = {
    ...(qty != null && { qty }),
    ...(limit != null && { limit }),
    ...(stop != null && { stop }),
    ...(trail != null && { trail }),
    ...(time_in_force != null && { timeInForce: time_in_force }),
  };
  if (Object.keys(asks).length === 0) throw forbidden('order parameters are not changed');
  const refuse = (what: string): never => {
    throw unprocessable(`${type} orders must not have a ${what}`);
  };
  if (limit != null && type !== 'limit' && type !== 'stop_limit') refuse('limit price');
  if (stop != null && type !== 'stop' && type !== 'stop_limit') refuse('stop price');
  if (trail != null && type !== 'trailing_stop') refuse('trail');
  return { clientId: client_order_id ?? undefined, asks };
}
