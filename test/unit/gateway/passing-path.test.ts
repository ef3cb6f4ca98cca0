/** Which paths a gateway passes on to the broker. */
import { expect, it } from 'vitest';
import { pathOf } from '../../../src/gateway/passing-routes.ts';

it.each([
  ['/v2/positions/BTC%2FUSD?x=1', '/v2/positions/BTC%2FUSD'],
  ['/v2/assets/BRK.B', '/v2/assets/BRK.B'],
  ['/v1beta3/crypto/us/latest/quotes', '/v1beta3/crypto/us/latest/quotes'],
])('%s is asked as %s', (url, path) => expect(pathOf({ url })).toBe(path));

it.each([
  '/v2/stocks/../orders',
  '/v2/stocks/%2e%2E/orders',
  '/v2/stocks/.',
  '/v2/assets/%ff',
  '/v2//assets',
])('%s is not found', (url) => expect(() => pathOf({ url })).toThrow(/not found/));
