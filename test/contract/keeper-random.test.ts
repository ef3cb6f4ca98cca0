/**
 * Random orders, partial fills, cancels and orders by hand, with lost and duplicate updates: in the end
 * ledger and broker agree (I2, I6, I7).
 */
import { expect, it } from 'vitest';
import { toNanos } from '../../src/domain/decimal.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { seededRandom } from '../../src/prices/random.ts';
import { useRedis } from '../support/fixtures.ts';
import { sendToBroker, startStage, until } from '../support/keeper.ts';

const STEPS = 150;
const SYMBOLS = ['AAPL', 'MSFT', 'BTCUSD'];

const redis = useRedis();

const seed = Number(process.env['WORKSTEAL_TEST_SEED'] ?? performance.timeOrigin.toFixed(0)) % 1_000_000;

it(`with seed ${seed}`, async () => {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const stage = await startStage(redis.url, { seed, partialRate: 0.6, equity: '10000000', cancelDelay: 3 });
  try {
    await stage.keeper();
    await until('open', async () =>
      Boolean(await stage.ledger.redis.hget(key(stage.account, 'account'), 'synced_at_ms')),
    );
    await stage.faults({ dropUpdateRate: 0.3, duplicateUpdateRate: 0.3 });
    const sent: string[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      const symbol = pick(SYMBOLS);
      const wish = stage.wish(`o_${step}`, {
        symbol,
        limit: String(90 + Math.floor(random.next() * 25)),
        qty: String(1 + step),
      });
      const roll = random.next();
      if (roll < 0.4) sent.push((await stage.send(wish)).brokerId);
      else if (roll < 0.55)
        sent.push((await sendToBroker(stage.broker, { ...wish, id: `by-hand-${step}` })).brokerId);
      else if (roll < 0.75 && sent.length > 0) await stage.broker.cancel(pick(sent));
      else stage.price(symbol, String(90 + Math.floor(random.next() * 25)));
    }
    await stage.agrees();
    const positions = (await stage.broker.positions()).map(({ symbol, qty }) => `${symbol} ${toNanos(qty)}`);
    const inLedger = async () =>
      (await snapshot(stage.ledger))?.positions.map(({ symbol, qty }) => `${symbol} ${toNanos(qty)}`).sort();
    expect(await inLedger()).toEqual(positions.sort());
    const live = (await stage.broker.openOrders()).map(({ id }) => id);
    expect((await snapshot(stage.ledger))?.orders.map(({ id }) => id).sort()).toEqual(live.sort());
  } finally {
    await stage.close();
  }
});
