/** One account of a campaign: its broker, fleet, planner, and the witness of its ledger's decisions. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { close } from '../../../src/cli/up/finish.ts';
import { askJudge } from '../../../src/cli/up/judge.ts';
import { key } from '../../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import type { Arena } from './arena.ts';
import { type BotKeys, Bots, makeBotKeys } from './bots/bots.ts';
import { differences } from './compare.ts';
import type { Ground } from './ground.ts';
import { happens } from './happens.ts';
import { readLives } from './lives.ts';
import { stayOnCall } from './on-call.ts';
import { PaperBroker } from './paper-broker.ts';
import { CampaignPlanner } from './planner.ts';
import { Rivals } from './rivals.ts';
import { readRoleLogs } from './role-logs.ts';
import { Role, type RoleName, type RoleSurroundings } from './roles.ts';
import { RULES } from './rules.ts';
import { RulesCheck } from './rules-check.ts';
import type { Findings } from './verdict.ts';
import { Witness } from './witness.ts';

const LEASE_MS = 1_500;
/**
 * On a machine that has much else to do an answer takes a second: with less, a keeper does not get through a
 * reconciliation.
 */
const REQUEST_TIMEOUT_MS = 1_500;
const SYNC_MS = 500;
/** Above what the strike `lagging_positions` makes the broker's positions lag by. */
const BROKER_LAG_MS = 900;
/**
 * The longest that an account opens by an old answer of the broker (fleet/fleet-settings.ts), and what was
 * marked by then.
 */
const JUDGE_WINDOW_MS = 10_000 + LEASE_MS + REQUEST_TIMEOUT_MS + 1_000;
/**
 * Healed, it must be at work again within this; on a machine that took longer for a whole start, within that.
 */
const RECOVERED_MS = 30_000;

export type SiteOptions = {
  account: string;
  seed: number;
  ground: Ground;
  roles: readonly RoleName[];
  /** Dollars. */
  equity: number;
  /** Plans that want room at any moment. */
  plans: number;
  /** For its logs. */
  folder: string;
  say: (line: string) => void;
  /** Of the runtime's, for every process; default: none. */
  nodeOptions?: readonly string[];
};

/** What a site tells of itself when it is over; the rest of `Findings` is the campaign's. */
export type SiteFindings = Omit<Findings, 'seed' | 'seconds' | 'struck'>;

export class Site {
  readonly arena: Arena;
  readonly witness: Witness;
  readonly #ledger: Ledger;
  readonly #broker: PaperBroker;
  readonly #roles: readonly Role[];
  readonly #check: RulesCheck;
  readonly #bots: Bots;
  #busyAfterMs = 0;
  readonly #planning = new AbortController();
  readonly #end = new AbortController();
  readonly #witnessing: Promise<void>;
  readonly #filing: Promise<void>;
  readonly #onCall: Promise<void>;

  private constructor(
    options: SiteOptions,
    {
      ledger,
      broker,
      roles,
      keys,
    }: { ledger: Ledger; broker: PaperBroker; roles: readonly Role[]; keys: BotKeys },
  ) {
    const { seed, ground, plans, say } = options;
    this.#ledger = ledger;
    this.#broker = broker;
    this.#roles = roles;
    const planner = new CampaignPlanner(ledger, { seed, wanted: plans });
    this.#bots = new Bots(roles, keys, ledger, seed);
    const { told } = this.#bots;
    this.#check = new RulesCheck(readSettings(RULES).settings, (order) => {
      const plan = /^(.+)_\d+$/.exec(order)?.[1] ?? '';
      return told.orders.get(order)?.wish ?? told.plans.get(plan) ?? planner.plans.get(plan);
    });
    this.witness = new Witness(ledger, this.#check);
    const rivals = new Rivals(broker, surroundings(options, broker.url, keys));
    this.arena = { redisUrl: ground.url, roles, broker, ledger, planner, rivals, say };
    this.#witnessing = this.witness.run(ground.url, this.#end.signal);
    this.#filing = planner.run(this.#planning.signal);
    this.#onCall = stayOnCall(ledger, rivals, this.#end.signal);
  }

  /** @throws Error where a part can't be started */
  static async start(options: SiteOptions): Promise<Site> {
    const { account, seed, ground, folder, nodeOptions = [] } = options;
    const broker = await PaperBroker.start({
      seed,
      nodeOptions,
      logFile: join(folder, `${account}-exchange.log`),
      equity: String(options.equity),
      judgeWindowMs: JUDGE_WINDOW_MS,
    });
    const ledger = await openLedger(ground.url, account);
    const keys = makeBotKeys(folder, account);
    const around = surroundings(options, broker.url, keys);
    const roles = await Promise.all(
      options.roles.map((name, at) => Role.start(name, `${account}-${name}-${at}`, around)),
    );
    return new Site(options, { ledger, broker, roles, keys });
  }

  /** The roles as they run now, and the exchange. */
  processes(): { name: string; pid: number }[] {
    return [
      ...this.#roles.map(({ host, pid }) => ({ name: host, pid })),
      { name: 'the exchange', pid: this.#broker.pid },
    ];
  }

  /**
   * Resolves with whether it came so far: orders are placed and room is stolen. What is granted counts from
   * then on.
   */
  async isBusy(limitMs: number): Promise<boolean> {
    const startedMs = performance.now();
    const isBusy = await happens(() => this.witness.steals.granted > 0 && this.#bots.placedSince(0), limitMs);
    this.#busyAfterMs = performance.now() - startedMs;
    this.witness.steals.granted = 0;
    return isBusy;
  }

  /** Whatever was stopped goes on. Resolves with whether it is at work again in time. */
  async recovers(): Promise<boolean> {
    for (const role of this.#roles) role.goOn();
    const healedMs = Date.now();
    const { acceptances } = await askJudge(this.#broker.url);
    const isAtWork = async (): Promise<boolean> => {
      if (!(await this.#isOpen()) || !this.witness.grantedMs.some((atMs) => atMs > healedMs)) return false;
      if (!this.#bots.placedSince(healedMs)) return false;
      return (await askJudge(this.#broker.url)).acceptances > acceptances;
    };
    return await happens(isAtWork, Math.max(RECOVERED_MS, this.#busyAfterMs));
  }

  /** No new entries any more; what is under way comes to its end; then everything that was seen. */
  async finish(isStuck: boolean): Promise<SiteFindings> {
    this.#planning.abort();
    await Promise.all([this.#filing, this.#bots.settle()]);
    await Promise.all(this.#roles.filter(({ name }) => name === 'watch').map((role) => role.end()));
    const closing = await close(this.#ledger, this.#broker.url, () => performance.now());
    const bots = await this.#bots.findings();
    const unlike = closing.leaksMicros === 0 ? [] : await differences(this.#ledger, this.#broker);
    await Promise.all(this.#roles.map((role) => role.end()));
    await this.#broker.close();
    this.#end.abort();
    await Promise.all([this.#witnessing, this.#onCall]);
    writeFileSync(
      this.#broker.logFile.replace('exchange', 'bots'),
      JSON.stringify([...bots.told.orders.values()], null, 1),
    );
    const { rivals } = this.arena;
    const roles = [...this.#roles, ...rivals.roles];
    const said = readRoleLogs(roles.map(({ logFile }) => logFile));
    return {
      ledger: this.#ledger,
      lives: readLives(this.#broker.logFile),
      witness: this.witness,
      ruleViolations: this.#check.violations,
      byHand: this.#broker.byHand,
      rivals,
      explained: new Set([...said.cancelled, ...this.#broker.cancelledByHand]),
      closing,
      unlike,
      crashes: roles.reduce((sum, { crashes }) => sum + crashes, 0),
      bugs: said.bugs,
      bots,
      isStuck,
    };
  }

  async close(): Promise<void> {
    this.#planning.abort();
    this.#end.abort();
    await this.#bots.close();
    await Promise.all(this.#roles.map((role) => role.close()));
    await Promise.all([this.#witnessing, this.#filing, this.#onCall]);
    await this.#broker.close();
    await this.#ledger.close();
  }

  /** Reconciled on the server that answers, and not halted? */
  async #isOpen(): Promise<boolean> {
    const { redis, account } = this.#ledger;
    const [state, synced, on] = await redis.hmget(
      key(account, 'account'),
      'state',
      'synced_at_ms',
      'server_id',
    );
    return state === 'running' && synced !== null && on === (await this.#ledger.serverId());
  }
}

function surroundings(
  { account, ground, folder, nodeOptions = [] }: SiteOptions,
  brokerUrl: string,
  { file }: BotKeys,
): RoleSurroundings {
  const { hostname, port } = new URL(brokerUrl);
  return {
    env: {
      ...RULES,
      NODE_OPTIONS: nodeOptions.join(' '),
      REDIS_URL: ground.url,
      WORKSTEAL_ACCOUNT: account,
      APCA_API_KEY_ID: 'key',
      APCA_API_SECRET_KEY: 'secret',
      WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
      WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
      WORKSTEAL_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
      WORKSTEAL_LEASE_MS: String(LEASE_MS),
      WORKSTEAL_PLAN_LEASE_MS: '2000',
      WORKSTEAL_SYNC_MS: String(SYNC_MS),
      WORKSTEAL_BROKER_LAG_MS: String(BROKER_LAG_MS),
      // Strikes take money away and give it back; no person is there to accept it.
      WORKSTEAL_EQUITY_JUMP: '0',
      WORKSTEAL_BY_HAND_PAUSE_MS: '1000',
      WORKSTEAL_QUOTES_MS: '150',
      WORKSTEAL_API_TOKENS: file,
    },
    redis: ground.address,
    broker: { host: hostname, port: Number(port) },
    folder,
  };
}
