/** A job's cancellation as a part of its trace, which began in another process. */
import { traced } from '../tracing/tracing.ts';
import { type Cancelled, type CancelOptions, cancelOrder } from './cancel-order.ts';
import type { CancelJob } from './queue.ts';

/** As cancelOrder. */
export async function carryOut(
  options: CancelOptions,
  { steal, victim, waited, traceparent }: CancelJob,
  signal: AbortSignal,
): Promise<Cancelled> {
  const { tracing, account } = options.ledger;
  const facts = {
    'worksteal.account': account,
    'worksteal.order': victim,
    'worksteal.steal': steal === 'cancel' ? undefined : steal,
  };
  const span = {
    kind: 'consumer',
    facts,
    ...(traceparent !== undefined && { parent: traceparent }),
  } as const;
  return await traced(tracing, 'cancel', span, async ({ note }) => {
    const cancelled = await cancelOrder(options, victim, signal, waited);
    note({ 'worksteal.outcome': cancelled.outcome });
    return cancelled;
  });
}
