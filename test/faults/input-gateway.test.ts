/**
 * Malformed requests to every route of the gateway, and requests with keys or orders of others: a refusal in
 * Alpaca's form, never a 5xx or a crash, and the ledger stays the same to the byte.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useRedis } from '../support/fixtures.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { headersOf, rightRequests } from './input/gateway-requests.ts';
import { faultOf, openWorld, type World } from './input/gateway-world.ts';
import { RawHttp } from './input/raw-http.ts';
import { type Attacked, refuseRequests } from './input/refuse-requests.ts';

/** The others are messages to the stream (input-gateway-stream.test.ts). */
const REQUESTS = Math.ceil((CALLS * 4) / 5);
/** With more orders each look at the ledger would be slow: then a fresh account goes on. */
const MOST_ORDERS = 40;

/** Orders that the ledger or the broker refused, and what the broker told of a symbol meanwhile. */
const RECORDS =
  /:(refusal:.*|refusals|events|ended|(order|client_id|posting):one--.*|confirmed|quotes|assets)$/;

const redis = useRedis();
let world: World;
let http: RawHttp;
const open = async (): Promise<void> => {
  world = await openWorld(redis.url);
  http = new RawHttp(world.gateway.url);
};
const close = async (): Promise<void> => {
  http.close();
  await world.close();
};
beforeAll(open);
afterAll(close);

it('malformed requests and keys of others are refused, and change nothing', {
  timeout: 180_000,
}, async () => {
  const chance = chanceOf('gateway');
  const attacked = (): Attacked => ({
    ...{ http, redis: world.stage.ledger.redis, right: rightRequests(world.ids), faultOf },
    usual: () => headersOf(world, chance),
    isRecord: (key) => RECORDS.test(key),
  });
  const tally = await refuseRequests(attacked(), {
    ...{ chance, refusals: REQUESTS },
    async afterChange(now) {
      if (world.stage.exchange.exchange.report().acceptances < MOST_ORDERS) return now;
      await now.redis.flushall();
      await close();
      await open();
      return attacked();
    },
  });
  expect((await world.bots.one.ask('GET', '/v2/account')).status).toBe(200);
  tally.expectRefused(0.5, ['refused']);
});
