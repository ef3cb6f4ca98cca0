/**
 * Repeats the same steal on one fleet, each time with new plans and symbols: a worse order fills the account
 * far from its limit; a better plan on another host comes near its own. Processes die during it, and others
 * replace them.
 */
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { ExchangeSettingsInput } from '../../src/exchange/options.ts';
import { useRedis } from './fixtures.ts';
import { EMPTY_BOOK, type Fleet, PATIENCE, startFleet } from './fleet.ts';
import type { RoleProcess } from './role-process.ts';

/** `victim` and `thief`: the watchers that hold the two plans. */
export type Part = 'victim' | 'thief' | 'worker' | 'keeper';
export type Fault = { dieAfter?: string | undefined; hangAfter?: string | undefined };
/** What else a part's process is given. */
export type Envs = Partial<Record<Part, Record<string, string>>>;
const ROLES = { victim: 'watch', thief: 'watch', worker: 'work', keeper: 'keep' } as const;

export class StealScene {
  readonly fleet: Fleet;
  readonly #envs: Envs;
  readonly #parts = new Map<Part, RoleProcess>();
  readonly #hanging: RoleProcess[] = [];
  #number = 0;

  private constructor(fleet: Fleet, envs: Envs) {
    this.fleet = fleet;
    this.#envs = envs;
  }

  /** The thief's host is still to be started. @param account left out: a fresh one */
  static async open(
    redisUrl: string,
    exchangeSettings: ExchangeSettingsInput = {},
    envs?: (fleet: Fleet) => Promise<Envs>,
    account?: string,
  ): Promise<StealScene> {
    const fleet = await startFleet(redisUrl, exchangeSettings, account);
    const scene = new StealScene(fleet, (await envs?.(fleet)) ?? {});
    scene.start('keeper');
    scene.start('worker');
    scene.start('victim');
    await scene.fleet.reconciled();
    return scene;
  }

  get worse(): string {
    return `worse${this.#number}`;
  }

  get better(): string {
    return `better${this.#number}`;
  }

  get victimSymbol(): string {
    return `V${this.#number}`;
  }

  get thiefSymbol(): string {
    return `T${this.#number}`;
  }

  part(part: Part): RoleProcess {
    const found = this.#parts.get(part);
    if (found === undefined) throw new Error(`there is no ${part}`);
    return found;
  }

  /** A healthy process, or one that dies or hangs right after a step. */
  start(part: Part, fault: Fault = {}, env: Record<string, string> = {}): RoleProcess {
    const { dieAfter, hangAfter } = fault;
    const started = this.fleet.start(ROLES[part], undefined, {
      ...this.#envs[part],
      ...env,
      ...(dieAfter === undefined ? {} : { WORKSTEAL_DIE_AFTER: dieAfter }),
      ...(hangAfter === undefined ? {} : { WORKSTEAL_HANG_AFTER: hangAfter }),
    });
    this.#parts.set(part, started);
    return started;
  }

  /** In the place of the one that is there. */
  async replace(part: Part, fault: Fault): Promise<RoleProcess> {
    await this.part(part).stop();
    return this.start(part, fault);
  }

  /** It has killed itself; another takes its place, as a supervisor would have it. */
  async revive(part: Part): Promise<RoleProcess> {
    expect(await this.part(part).ended(), part).toBe('SIGKILL');
    return this.start(part);
  }

  /** It hangs; another takes its place. @returns the one that hangs */
  async relieve(part: Part): Promise<RoleProcess> {
    const hanging = this.part(part);
    await expect.poll(() => hanging.hangs, PATIENCE).toBe(true);
    this.#hanging.push(hanging);
    this.start(part);
    return hanging;
  }

  /** The next pair: the worse plan is filed, near its limit. */
  async fileWorse(): Promise<void> {
    this.#number += 1;
    this.fleet.price(this.victimSymbol, '100.5');
    await this.fleet.file({ id: this.worse, symbol: this.victimSymbol, pnl: '1' });
  }

  /** The next pair: the worse plan is filed and a host holds it, but its price is far. */
  async worseWaits(): Promise<void> {
    this.#number += 1;
    await this.#waits(this.worse, this.victimSymbol, '1');
  }

  worseIsNear(): void {
    this.fleet.price(this.victimSymbol, '100.5');
  }

  /** The worse order works, and its price goes far away. */
  async worseIsFar(): Promise<void> {
    await expect
      .poll(() => this.fleet.book(), PATIENCE)
      .toMatchObject({ live: [expect.stringMatching(`^${this.worse}_`)], leakedMicros: 0 });
    await expect
      .poll(async () => (await this.fleet.book()).orders, PATIENCE)
      .toEqual([expect.stringMatching(/working$/)]);
    this.fleet.price(this.victimSymbol, '110');
    await this.fleet.priceKnown(this.victimSymbol, '110');
  }

  async fileBetter(): Promise<void> {
    this.betterIsNear();
    await this.fleet.file({ id: this.better, symbol: this.thiefSymbol, pnl: '9' });
  }

  /** The better plan is filed and a host holds it, but its price is far. */
  async betterWaits(): Promise<void> {
    await this.#waits(this.better, this.thiefSymbol, '9');
  }

  async #waits(id: string, symbol: string, pnl: string): Promise<void> {
    this.fleet.price(symbol, '110');
    await this.fleet.file({ id, symbol, pnl });
    await expect
      .poll(() => this.fleet.plan(id), PATIENCE)
      .toMatchObject({ stage: 'waiting', owner: expect.stringMatching(/./) });
    await this.fleet.priceKnown(symbol, '110');
  }

  betterIsNear(): void {
    this.fleet.price(this.thiefSymbol, '100.2');
  }

  /** The victim's cancellation has reached the exchange. */
  async cancelRequested(): Promise<void> {
    const asked = async () => (await this.fleet.judge()).cancelRequests.map(({ id }) => id);
    await expect.poll(asked, PATIENCE).toContainEqual(expect.stringMatching(`^${this.worse}_`));
  }

  /**
   * However it came about: the better order works under its plan's current id and is the only one, the worse
   * plan waits, ledger and exchange count the same, nothing is on its way (I7), and the whole time nothing
   * was wrong.
   */
  async expectRight(patience: typeof PATIENCE = PATIENCE): Promise<void> {
    await this.expectStolen(patience);
    await this.fleet.expectSound();
  }

  /** The same of the end alone: of an account with a past that its ledger has lost. */
  async expectStolen(patience: typeof PATIENCE = PATIENCE): Promise<void> {
    const look = async () => {
      const { attempt, stage } = await this.fleet.plan(this.better);
      const worse = await this.fleet.plan(this.worse);
      const book = await this.fleet.book();
      return {
        ...book,
        [this.better]: stage,
        [this.worse]: worse.stage,
        isCurrent: book.live.includes(`${this.better}_${attempt}`),
      };
    };
    const one = expect.stringMatching(`^${this.better}_\\d+$`);
    const working = expect.stringMatching(`^${this.better}_\\d+ working$`);
    const stages = { [this.better]: 'entering', [this.worse]: 'waiting' };
    await expect.poll(look, patience).toEqual({
      live: [one],
      orders: [working],
      positions: [],
      leakedMicros: 0,
      outbox: 0,
      openSteals: 0,
      isCurrent: true,
      ...stages,
    });
  }

  /** The plans are withdrawn and the account is empty again; the processes go on. */
  async withdraw(): Promise<void> {
    await this.fleet.withdraw(this.better, this.worse);
    const stages = async () => [
      (await this.fleet.plan(this.better)).stage,
      (await this.fleet.plan(this.worse)).stage,
    ];
    await expect.poll(stages, PATIENCE).toEqual(['withdrawn', 'withdrawn']);
    await expect.poll(() => this.fleet.book(), PATIENCE).toEqual(EMPTY_BOOK);
    await this.fleet.expectSound();
  }

  /** The same, and the thief's host ends. */
  async clear(): Promise<void> {
    await this.withdraw();
    await this.part('thief').stop();
    for (const relieved of this.#hanging.splice(0)) await relieved.stop();
  }

  async close(): Promise<void> {
    await this.fleet.close();
  }
}

/**
 * One scene for the tests of a file, one after the other; after a test that failed, its logs are told and the
 * next gets a new one.
 */
export function stealScene(): () => StealScene {
  const redis = useRedis();
  let scene: StealScene | undefined;
  afterAll(() => scene?.close());
  beforeEach(async () => {
    scene ??= await StealScene.open(redis.url);
  }, 180_000);
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    process.stderr.write(`${scene?.fleet.story() ?? ''}\n`);
    await scene?.close();
    scene = undefined;
  });
  return () => {
    if (scene === undefined) throw new Error('a scene is there only while a test runs');
    return scene;
  };
}
