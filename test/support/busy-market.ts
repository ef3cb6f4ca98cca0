/**
 * A busy market behind a gateway: prices that move sixty times as fast as in life, a small cap, and a judge.
 * Bots join by the gateway's address, and do not know of each other.
 */
import { createHash, randomInt } from 'node:crypto';
import { botIn } from '../../src/ledger/bot-ids.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { readSteals } from '../../src/mirror/rows.ts';
import { seededRandom } from '../../src/prices/random.ts';
import { SyntheticMarket } from '../../src/prices/synthetic.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { until } from './keeper.ts';

const SPEED = 60;
/** The cap, USD: a dozen of the bots' orders. */
const EQUITY = '20000';
const EXCHANGE = {
  ...{ equity: EQUITY, leverage: '1', buyingPower: false, speed: SPEED, partialRate: 0.1, cancelDelay: 20 },
};
/** Of a gateway's orders, as long as it may take to send one on a busy machine. */
const LEASE_MS = 5_000;
const REQUEST_TIMEOUT_MS = 2_000;
const STEALS_LOOKED = 1_000;

/** `between`: steals whose thief and victim are orders of two bots; `pairs`: `THIEF>VICTIM` -> how many. */
export type Steals = { granted: number; failed: number; between: number; pairs: Record<string, number> };

export type Verdict = {
  violations: unknown[];
  faults: unknown[];
  doubleOrders: number;
  acceptances: number;
  highestRatio: number;
};

export type BusyMarket = {
  gateway: TestGateway;
  /** The price of a symbol now, USD. */
  price(symbol: string): number;
  /** Numbers from 0 to 1, by the seed and the label. */
  random(label: string): () => number;
  steals(): Promise<Steals>;
  /** Waits until nothing is open or held any more, and the ledger counts as the exchange does. */
  ended(): Promise<void>;
  /** Violations that the exchange's judge counts, faults that the audit finds. */
  verdict(): Promise<Verdict>;
  close(): Promise<void>;
};

/** Seeded by WORKSTEAL_SEED; otherwise the seed is random. It is printed. */
export async function openBusyMarket(redisUrl: string): Promise<BusyMarket> {
  const seed = Number(process.env['WORKSTEAL_SEED'] ?? randomInt(2 ** 31));
  process.stderr.write(`a busy market: WORKSTEAL_SEED=${seed}\n`);
  const market = new SyntheticMarket({ seed, startMs: Date.now() });
  const gateway = await startTestGateway(redisUrl, {
    // Nothing but the ledger keeps the cap: the exchange takes what it gets.
    exchange: { ...EXCHANGE, seed },
    rules: { WORK_STEALING_LEVERAGE: '1' },
    market,
    speed: SPEED,
    keeper: { leaseMs: LEASE_MS, inFlightMs: LEASE_MS + REQUEST_TIMEOUT_MS },
  });
  const { stage } = gateway;
  return {
    gateway,
    price: (symbol) => Number(market.price(symbol.replace('/', ''))?.priceNanos ?? 0n) / 1e9,
    random(label) {
      const random = seededRandom(createHash('sha256').update(`${seed} ${label}`).digest().readUIntBE(0, 6));
      return () => random.next();
    },
    async steals() {
      const { steals } = await readSteals(stage.ledger, STEALS_LOOKED);
      const pairs: Record<string, number> = {};
      let between = 0;
      for (const { thief, victims, state } of steals) {
        if (state === 'pending' || state === 'failed') continue;
        const robbed = new Set(victims.map(({ order }) => botIn(order ?? '') ?? ''));
        for (const victim of robbed) {
          const pair = `${botIn(thief)}>${victim}`;
          pairs[pair] = (pairs[pair] ?? 0) + 1;
        }
        if ([...robbed].some((victim) => victim !== botIn(thief))) between += 1;
      }
      const of = (...states: string[]): number => steals.filter(({ state }) => states.includes(state)).length;
      return { granted: of('granted', 'unused', 'refused'), failed: of('failed'), between, pairs };
    },
    async ended() {
      await until('nothing is open or held', async () => (await stage.used()) === 0);
      await stage.agrees();
    },
    async verdict() {
      const { violations, doubleOrders, acceptances, pools } = await stage.judge();
      const faults = (await audit(stage.ledger))?.faults ?? ['no account'];
      return { violations, faults, doubleOrders, acceptances, highestRatio: pools.total?.highestRatio ?? 0 };
    },
    close: () => gateway.close(),
  };
}
