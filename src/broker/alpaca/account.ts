/** The account and its positions at Alpaca. */
import type { BrokerAccount, BrokerPosition } from '../port.ts';
import type { AlpacaHttp } from './http.ts';
import { AccountAnswer, PositionsAnswer } from './wire.ts';

export async function account(http: AlpacaHttp, signal?: AbortSignal): Promise<BrokerAccount> {
  return (await http.read({ path: '/v2/account', priority: 'query', signal }, AccountAnswer)).body;
}

export async function positions(http: AlpacaHttp, signal?: AbortSignal): Promise<BrokerPosition[]> {
  return (await http.read({ path: '/v2/positions', priority: 'query', signal }, PositionsAnswer)).body;
}
