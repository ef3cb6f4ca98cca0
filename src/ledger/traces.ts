/**
 * The traces that the ledger keeps with its steals (lua/steal.lua). Whoever carries on with a steal, in
 * whatever process, stays in its trace.
 */

import { readTraceparent } from '../tracing/traceparent.ts';
import type { SpanOptions } from '../tracing/tracing.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** What goes on with a steal, as a part of its trace; it is linked to what this process does just now. */
export async function ofSteal(ledger: Ledger, steal: string): Promise<SpanOptions> {
  const { tracing } = ledger;
  if (!tracing.isOn) return {};
  const parent = await traceOfSteal(ledger, steal);
  const active = tracing.traceparent;
  const isOther = parent !== '' && readTraceparent(parent)?.traceId !== readTraceparent(active)?.traceId;
  return isOther ? { parent, link: active } : {};
}

/** The trace of the steal that took this order's room; '' where there is none. */
export async function traceOfVictim(ledger: Ledger, order: string): Promise<string> {
  const steal = await read(ledger, `order:${order}`, 'robbed_by');
  return steal === '' ? '' : await traceOfSteal(ledger, steal);
}

async function traceOfSteal(ledger: Ledger, steal: string): Promise<string> {
  return await read(ledger, `steal:${steal}`, 'traceparent');
}

/** Without an answer there is no trace; the step itself goes on. */
async function read({ account, redis }: Ledger, name: string, field: string): Promise<string> {
  return (await redis.hget(key(account, name), field).catch(() => null)) ?? '';
}
