/**
 * The assets that Alpaca trades, in the port's terms. The price steps of stocks and the minimum cost of a
 * crypto come from Alpaca's documentation; its answers do not have them.
 */
import { cryptoPair } from '../../domain/symbol.ts';
import { US_STOCK_STEPS } from '../../rules/legal-price.ts';
import type { Asset } from '../../rules/takeable.ts';
import type { AssetAnswer } from '../port.ts';
import type { AlpacaHttp } from './http.ts';
import { AssetWire, decode } from './wire.ts';

const LEAST_CRYPTO_BUY_USD = '10';

export async function asset(http: AlpacaHttp, symbol: string, signal?: AbortSignal): Promise<AssetAnswer> {
  const pair = cryptoPair(symbol);
  const name = pair === undefined ? symbol : `${pair.base}/${pair.quote}`;
  const answer = await http.get({
    path: `/v2/assets/${encodeURIComponent(name)}`,
    priority: 'query',
    signal,
  });
  if (answer.kind === 'refused' && answer.status === 404 && /asset not found/i.test(answer.message)) {
    return { kind: 'found', asset: { ...UNKNOWN, symbol, shut: answer.message.slice(0, 100) } };
  }
  if (answer.kind !== 'ok') return { kind: 'unknown', message: answer.message };
  const read = decode(AssetWire, answer.body);
  if (read.kind !== 'read') return { kind: 'unknown', message: 'the answer of the broker is not an asset' };
  const wire = read.value;
  const crypto = wire.class === 'crypto' || (wire.class === undefined && pair !== undefined);
  const shut =
    wire.status !== undefined && wire.status !== 'active'
      ? `it is ${wire.status}`
      : wire.tradable === false
        ? 'it is not tradable'
        : '';
  if (crypto) {
    return {
      kind: 'found',
      asset: {
        symbol,
        shut,
        shortable: false,
        priceSteps: wire.price_increment === undefined ? [] : [{ from: '0', step: wire.price_increment }],
        qtyStep: wire.min_trade_increment ?? null,
        shortQtyStep: null,
        minQty: wire.min_order_size ?? null,
        minCost: pair?.quote === 'USD' ? LEAST_CRYPTO_BUY_USD : null,
      },
    };
  }
  return {
    kind: 'found',
    asset: {
      symbol,
      shut,
      shortable: wire.shortable ?? true,
      priceSteps: US_STOCK_STEPS,
      qtyStep: wire.fractionable === false ? '1' : null,
      shortQtyStep: '1',
      minQty: null,
      minCost: null,
    },
  };
}

const UNKNOWN: Omit<Asset, 'symbol' | 'shut'> = {
  shortable: true,
  priceSteps: [],
  qtyStep: null,
  shortQtyStep: null,
  minQty: null,
  minCost: null,
};
