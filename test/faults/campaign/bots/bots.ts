/** The bots of a site: those of its API servers, and those of its gateways. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { botRecordOf, makeKeyPair } from '../../../../src/http/bot-keys.ts';
import { hashOf, makeToken, recordOf } from '../../../../src/http/token-file.ts';
import { key } from '../../../../src/ledger/keys.ts';
import type { Ledger } from '../../../../src/ledger/ledger.ts';
import { compareIds } from '../../../../src/mirror/stream-id.ts';
import { seededRandom } from '../../../../src/prices/random.ts';
import { streamFaults } from '../../../support/stream-faults.ts';
import { happens } from '../happens.ts';
import type { DoorName, Role } from '../roles.ts';
import { ApiBot } from './api-bot.ts';
import { GatewayBot } from './gateway-bot.ts';
import { Told } from './told.ts';

/** Of each kind. */
const BOTS = 2;
/** So long they may take to bring their orders to an end. */
const SETTLE_MS = 45_000;
/** What was the last event must reach every stream within this time. */
const STREAM_MS = 20_000;

/** The secrets of a campaign's bots; the file holds their hashes. */
export type BotKeys = {
  file: string;
  tokens: readonly { name: string; token: string }[];
  pairs: readonly { name: string; keyId: string; secret: string }[];
};

/** Makes a token file with a token, or a key pair, of each bot. */
export function makeBotKeys(folder: string, account: string): BotKeys {
  const numbers = Array.from({ length: BOTS }, (_, at) => at);
  const tokens = numbers.map((at) => ({ name: `abot${at}`, token: makeToken() }));
  const pairs = numbers.map((at) => ({ name: `gbot${at}`, ...makeKeyPair() }));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${account}-tokens.json`);
  const usual = { strategy: '', mode: 'normal', pnl: '0', maxNotional: null, symbols: [] } as const;
  const content = {
    tokens: tokens.map(({ name, token }) => recordOf(token, { name, scope: 'trade', accounts: [] }, 0)),
    bots: pairs.map(({ name, keyId, secret }) =>
      botRecordOf({
        ...usual,
        symbols: [],
        accounts: [],
        name,
        keyId,
        sha256: hashOf(secret),
        createdAtMs: 0,
      }),
    ),
  };
  writeFileSync(file, JSON.stringify(content));
  return { file, tokens, pairs };
}

/** What the bots saw, for the judges. */
export type BotFindings = {
  told: Told;
  /** Names; each begins the ids of its orders. */
  names: readonly string[];
  doors: readonly DoorName[];
  streamFaults: readonly string[];
};

export class Bots {
  readonly told = new Told();
  readonly #ledger: Ledger;
  readonly #doors: readonly DoorName[];
  readonly #apiBots: readonly ApiBot[];
  readonly #gatewayBots: readonly GatewayBot[];
  readonly #trading = new AbortController();
  readonly #running: Promise<unknown>;

  /** They begin to trade as soon as the account is set up. */
  constructor(roles: readonly Role[], keys: BotKeys, ledger: Ledger, seed: number) {
    this.#ledger = ledger;
    const urlsOf = (door: DoorName): string[] =>
      roles.flatMap(({ name, front }) => (name === door && front ? [front.url('http')] : []));
    const { account } = ledger;
    const { told } = this;
    const api = urlsOf('serve');
    this.#apiBots =
      api.length === 0
        ? []
        : keys.tokens.map(({ name, token }, at) => {
            const random = seededRandom(seed + 31 + at);
            return new ApiBot({ name, urls: api, token, account, told, random, isSeries: at === 0 });
          });
    const gateways = urlsOf('gateway');
    this.#gatewayBots =
      gateways.length === 0
        ? []
        : keys.pairs.map((pair, at) => {
            const random = seededRandom(seed + 61 + at);
            return new GatewayBot({ ...pair, urls: gateways, told, random });
          });
    this.#doors = (['serve', 'gateway'] as const).filter((door) => urlsOf(door).length > 0);
    const { signal } = this.#trading;
    // A plan is refused where no keeper has set the account up yet.
    const isSetUp = async (): Promise<boolean> => (await ledger.redis.exists(key(account, 'account'))) === 1;
    this.#running = happens(() => signal.aborted || isSetUp(), Number.POSITIVE_INFINITY).then(() =>
      Promise.all(this.#all.map((bot) => bot.run(signal))),
    );
  }

  get #all(): readonly (ApiBot | GatewayBot)[] {
    return [...this.#apiBots, ...this.#gatewayBots];
  }

  /** Has an order been placed through each kind of door since then? */
  placedSince(ms: number): boolean {
    return this.#doors.every((door) => this.told.placedMs.get(door)?.some((atMs) => atMs >= ms));
  }

  /** No entries any more; each order is brought to its end. */
  async settle(): Promise<void> {
    this.#trading.abort();
    await this.#running;
    const limit = AbortSignal.timeout(SETTLE_MS);
    await Promise.all(this.#all.map((bot) => bot.settle(limit)));
  }

  /** To be called when nothing more happens in the ledger, while the doors still run. */
  async findings(): Promise<BotFindings> {
    const { redis, account } = this.#ledger;
    const entries = await redis.xrange(key(account, 'events'), '-', '+');
    const ids = entries.map(([id]) => id);
    const last = ids.at(-1);
    const isThere = ({ events }: ApiBot): boolean =>
      last === undefined || (events.lastId !== undefined && compareIds(events.lastId, last) >= 0);
    await happens(() => this.#apiBots.every(isThere), STREAM_MS);
    return {
      told: this.told,
      names: this.#all.map(({ name }) => name),
      doors: this.#doors,
      streamFaults: this.#apiBots.flatMap(({ name, events }) => streamFaults(name, events.frames, ids)),
    };
  }

  async close(): Promise<void> {
    this.#trading.abort();
    await this.#running;
    await Promise.all([
      ...this.#apiBots.map(({ events }) => events.close()),
      ...this.#gatewayBots.map((bot) => bot.close()),
    ]);
  }
}
