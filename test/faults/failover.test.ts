/** Redis fails over under a running fleet, to a replica that lacks the last writes (I1, I7, I8). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { AdmittingAccount } from '../support/admitting-account.ts';
import {
  allLive,
  bothWait,
  endsWithBetter,
  neverWrong,
  stealsAgain,
  worseWorks,
} from '../support/failing-over.ts';
import { PATIENCE } from '../support/fleet.ts';
import { FollowedEvents } from '../support/followed-events.ts';
import { StealScene } from '../support/steal-scene.ts';
import { ClusterTopology } from '../support/topology/cluster.ts';
import { SentinelTopology } from '../support/topology/sentinel.ts';

const LONG = { timeout: 180_000 };

async function openScene(url: string, account?: string): Promise<StealScene> {
  const scene = await StealScene.open(url, { cancelDelay: 50 }, undefined, account);
  scene.start('thief');
  return scene;
}

function tell({ task }: TestContext, ...scenes: StealScene[]): void {
  if (task.result?.state === 'fail')
    for (const { fleet } of scenes) process.stderr.write(`${fleet.story()}\n`);
}

describe('Sentinel makes a replica the master that lacks', LONG, () => {
  let sentinel: SentinelTopology;
  let scene: StealScene;
  /** What a client of the API is told meanwhile. */
  let events: FollowedEvents;
  beforeAll(async () => {
    sentinel = await SentinelTopology.start();
  }, 180_000);
  afterAll(() => sentinel.close());
  beforeEach(async () => {
    scene = await openScene(sentinel.url);
    events = await FollowedEvents.open(sentinel.url, scene.fleet.account);
  }, 180_000);
  afterEach(async (context) => {
    tell(context, scene);
    await events.close();
    await scene.close();
    await sentinel.heal();
  }, 180_000);

  it('an order that works at the broker: it counts before anything else is admitted', async () => {
    await bothWait(scene);
    const works = async () => {
      await worseWorks(scene);
      await events.hears('working', `${scene.worse}_1`);
    };
    await sentinel.failover(true, { meanwhile: works });
    scene.betterIsNear(); // there is room for it on the new master, which never heard of the order
    // Its plan takes it back; only then can the better plan take its room.
    await endsWithBetter(scene);
    // Once more where the new master was made a replica and a master again on the way: that, too, is another
    // book.
    expect(scene.part('keeper').report['rebuilt']).toBeGreaterThanOrEqual(2);
    await stealsAgain(scene);
    allLive(scene);
    // It had been told of an event that was lost.
    await events.isWhole();
    expect(events.resets).toContain('behind');
  });

  it('a whole steal: the thief works at the broker, and the ledger knows its victim alone', async () => {
    await bothWait(scene);
    await worseWorks(scene);
    const steal = async () => {
      scene.betterIsNear();
      const works = { live: [`${scene.better}_1`], orders: [`${scene.better}_1 working`] };
      await expect.poll(() => scene.fleet.book(), PATIENCE).toMatchObject(works);
    };
    await sentinel.failover(true, { meanwhile: steal });
    await endsWithBetter(scene);
    await stealsAgain(scene);
    allLive(scene);
    await events.isWhole();
  });

  it('nothing, after the old one hung: all leave it, and it takes no part when it resumes', async () => {
    await bothWait(scene);
    await worseWorks(scene);
    await sentinel.failover(false, { how: 'stop' });
    scene.betterIsNear();
    const works = {
      live: [expect.stringMatching(`^${scene.better}_`)],
      orders: [expect.stringMatching(`^${scene.better}_\\d+ working$`)],
    };
    const patience = { ...PATIENCE, timeout: 60_000 };
    // The better plan gets the room: from the worse one, once that has taken its order back, or when that
    // is given up.
    await expect.poll(async () => (await scene.fleet.book()).live, patience).toHaveLength(1);
    await neverWrong(scene);
    await scene.fleet.withdraw(scene.worse);
    await expect.poll(() => scene.fleet.book(), patience).toMatchObject(works);
    sentinel.resume();
    await neverWrong(scene);
    await sentinel.heal();
    await expect.poll(() => scene.fleet.book(), patience).toMatchObject({ ...works, leakedMicros: 0 });
    await neverWrong(scene);
    allLive(scene);
    await events.isWhole();
  });
});

describe('On a Cluster of three masters with six accounts', LONG, () => {
  let cluster: ClusterTopology;
  let accounts: string[];
  /** Of the first two accounts. */
  let hit: StealScene;
  let spared: StealScene;
  /** The other four: on the masters of neither, of the first and of the second. */
  let others: AdmittingAccount[] = [];
  beforeAll(async () => {
    cluster = await ClusterTopology.start({ replicas: 1 });
  }, 180_000);
  afterAll(async () => {
    for (const other of others) await other.close();
    await Promise.all([hit.close(), spared.close()]);
    await cluster.close();
  }, 180_000);
  beforeEach(async () => {
    if (others.length > 0) return;
    accounts = cluster.accountsSpread(6);
    const [first = '', second = '', ...rest] = accounts;
    [hit, spared] = await Promise.all([openScene(cluster.url, first), openScene(cluster.url, second)]);
    others = await Promise.all(rest.map((account) => AdmittingAccount.open(cluster.url, account)));
  }, 180_000);
  afterEach((context) => tell(context, hit, spared));

  it('two of them admit and steal at once, each on the master of its own slot', async () => {
    const ports = await Promise.all(accounts.map(async (account) => (await cluster.masterOf(account)).port));
    expect(new Set(ports).size).toBe(3);
    await Promise.all(
      [hit, spared].map(async (scene) => {
        await scene.fileWorse();
        await scene.worseIsFar();
        await scene.fileBetter();
        await scene.expectRight();
        await scene.withdraw();
      }),
    );
  });

  it('a master dies: its accounts admit nothing until rebuilt; the others are not affected', async () => {
    await Promise.all([hit, spared].map(bothWait));
    await worseWorks(spared);
    const [first = ''] = accounts;
    const master = await cluster.masterOf(first);
    const onIt = await Promise.all(
      others.map(async ({ account }) => (await cluster.masterOf(account)) === master),
    );
    for (const other of others) other.begin();
    await cluster.kill(first, true, () => worseWorks(hit));
    hit.betterIsNear(); // on the new master there is room for it
    spared.betterIsNear();
    await spared.expectRight();
    // The worse plan takes its order back; the better one has its room later, by a steal.
    await endsWithBetter(hit);
    await expect.poll(() => others.every((other) => other.answers.length > 100), PATIENCE).toBe(true);
    for (const [at, other] of others.entries()) {
      await other.end();
      // From its last answer on the old master on it admits nothing, for nobody rebuilds this one.
      if (onIt[at]) expect(other.since('unavailable')).toEqual(new Set(['unavailable', 'unsynced']));
      else expect(new Set(other.answers)).toEqual(new Set(['fits']));
    }
    for (const name of ['keeper', 'worker', 'victim', 'thief'] as const) {
      expect(spared.part(name).lines.filter(({ msg }) => /unavailable|unsynced/.test(msg))).toEqual([]);
    }
    await cluster.heal();
    await stealsAgain(hit);
    allLive(hit);
    allLive(spared);
  });
});
