/** The account and its positions at Alpaca. */
import type { BrokerAccount, BrokerPosition, Oddity } from '../port.ts';
import type { AlpacaHttp } from './http.ts';
import { readPosition } from './position-wire.ts';
import { AccountAnswer, PositionsAnswer } from './wire.ts';

export async function account(http: AlpacaHttp, signal?: AbortSignal): Promise<BrokerAccount> {
  const request = { path: '/v2/account', priority: 'query', signal } as const;
  const { body, dateMs, perMinute } = await http.read(request, AccountAnswer);
  return {
    ...body,
    ...(dateMs === undefined ? {} : { nowMs: dateMs }),
    ...(perMinute === undefined ? {} : { requestsPerMinute: perMinute }),
  };
}

/** The positions that can be counted; the others go to `onOdd`. */
export async function positions(
  http: AlpacaHttp,
  signal?: AbortSignal,
  onOdd: (oddity: Oddity) => void = () => {},
): Promise<BrokerPosition[]> {
  const { body } = await http.read({ path: '/v2/positions', priority: 'query', signal }, PositionsAnswer);
  return body.flatMap((told) => {
    const read = readPosition(told);
    if ('position' in read) return [read.position];
    onOdd(read.oddity);
    return [];
  });
}
