/** Alpaca's trading days. */
import type { BrokerDay } from '../../rules/broker-calendar.ts';
import type { AlpacaHttp } from './http.ts';
import { CalendarAnswer } from './wire.ts';

export async function calendar(
  http: AlpacaHttp,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<BrokerDay[]> {
  return (
    await http.read(
      { path: '/v2/calendar', query: { start: from, end: to }, priority: 'query', signal },
      CalendarAnswer,
    )
  ).body;
}
