/**
 * Second fleets on the account of the first: their own Redis, roles and planner, but the same broker. The
 * only connection is that each sees the other's orders at the broker (docs/decisions/0021).
 */
import { readLedgerOrder } from '../../../src/ledger/commands/snapshot.ts';
import { key } from '../../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import type { EmbeddedRedis } from '../../../src/redis/embedded.ts';
import { startPrivateRedis } from '../../support/redis.ts';
import { RIVAL } from './lives.ts';
import type { PaperBroker } from './paper-broker.ts';
import { CampaignPlanner } from './planner.ts';
import { Role, type RoleName, type RoleSurroundings } from './roles.ts';

const FLEET: readonly RoleName[] = ['keep', 'work', 'watch'];
/**
 * Few and small, so that they find room beside the first fleet's, and what they hold at the end clogs
 * nothing.
 */
const PLANS = 8;
const SIZE = 0.2;

export class Rival {
  /** Whether its ledger offers the same room under the same name or another one is no matter. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly #redis: EmbeddedRedis;
  readonly #ledger: Ledger;
  readonly #broker: PaperBroker;
  readonly #planning = new AbortController();
  readonly #filing: Promise<void>;

  constructor(
    name: string,
    parts: {
      redis: EmbeddedRedis;
      ledger: Ledger;
      roles: readonly Role[];
      broker: PaperBroker;
      seed: number;
    },
  ) {
    const { redis, ledger, roles, broker, seed } = parts;
    this.name = name;
    this.roles = roles;
    this.#redis = redis;
    this.#ledger = ledger;
    this.#broker = broker;
    this.#filing = new CampaignPlanner(ledger, { seed, wanted: PLANS, name, size: SIZE }).run(
      this.#planning.signal,
    );
  }

  /** Has the broker taken an order of it? */
  async hasOrder(): Promise<boolean> {
    const { redis, account } = this.#ledger;
    const [live, ended] = await Promise.all([
      redis.smembers(key(account, 'live')),
      redis.zrange(key(account, 'ended'), 0, '-1'),
    ]);
    for (const id of [...live, ...ended]) {
      if (id.startsWith(this.name) && (await readLedgerOrder(this.#ledger, id))?.brokerId) return true;
    }
    return false;
  }

  /** Somebody ends it, and cancels what it left at the broker. */
  async end(): Promise<void> {
    this.#planning.abort();
    await this.#filing;
    await Promise.all(this.roles.map((role) => role.close()));
    for (const { id, brokerId } of await this.#broker.hand.openOrders()) {
      if (!id.startsWith(this.name)) continue;
      this.#broker.cancelledByHand.add(id);
      await this.#broker.hand.cancel(brokerId);
    }
    await this.#ledger.close();
    await this.#redis.close();
  }
}

export class Rivals {
  /** From the first order on until somebody said that the account is the first fleet's again, ms. */
  readonly periods: { fromMs: number; untilMs: number }[] = [];
  /** What the first fleet should have noticed. */
  readonly unnoticed: string[] = [];
  readonly #all: Rival[] = [];
  readonly #broker: PaperBroker;
  readonly #surroundings: RoleSurroundings;

  constructor(broker: PaperBroker, surroundings: RoleSurroundings) {
    this.#broker = broker;
    this.#surroundings = surroundings;
  }

  get roles(): readonly Role[] {
    return this.#all.flatMap(({ roles }) => roles);
  }

  /** @param account the name under which its own Redis keeps the account */
  async start(account: string, seed: number): Promise<Rival> {
    const redis = await startPrivateRedis();
    const { env, broker, folder } = this.#surroundings;
    const own = { ...env, REDIS_URL: redis.url, WORKSTEAL_ACCOUNT: account };
    const around = { env: own, redis: { host: '127.0.0.1', port: redis.port }, broker, folder };
    const name = `${RIVAL}${this.#all.length}-${seed}`;
    const roles = await Promise.all(FLEET.map((role) => Role.start(role, `${name}-${role}`, around)));
    const rival = new Rival(name, {
      redis,
      ledger: await openLedger(redis.url, account),
      roles,
      broker: this.#broker,
      seed,
    });
    this.#all.push(rival);
    return rival;
  }
}
