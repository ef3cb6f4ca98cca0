/**
 * A running fleet with a broker that answers late, wrongly or not at all, whose stream loses messages, and
 * whose account others use too (I1, I4, I6, I7). Each time ledger and broker agree in the end, and nothing
 * was sent twice or above the cap.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { PATIENCE } from '../support/fleet.ts';
import { type Part, StealScene } from '../support/steal-scene.ts';
import { untypedErrors } from '../support/told-errors.ts';

const PARTS: Part[] = ['victim', 'thief', 'worker', 'keeper'];
const FAIR = {
  answerDelayMs: 0,
  failRequests: 0,
  limitRequests: 0,
  dropUpdateRate: 0,
  duplicateUpdateRate: 0,
  delayUpdateRate: 0,
  haltedSymbols: [],
};

const redis = useRedis();
let scene: StealScene | undefined;

function at(): StealScene {
  if (scene === undefined) throw new Error('a scene is there only while a test runs');
  return scene;
}

afterAll(async () => {
  await scene?.close();
});
beforeEach(async () => {
  if (scene !== undefined) return;
  scene = await StealScene.open(redis.url, { cancelDelay: 30 });
  scene.start('thief');
}, 180_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${scene?.fleet.story() ?? ''}\n`);
  await scene?.close();
  scene = undefined;
});

/** The next steal is about to happen: all it waits for is the price of the better plan. */
async function ready(): Promise<void> {
  await at().fileWorse();
  await at().worseIsFar();
  await at().betterWaits();
}

async function clear(): Promise<void> {
  await at().withdraw();
  expect(PARTS.map((part) => at().part(part)).flatMap(untypedErrors)).toEqual([]);
}

describe('a steal ends right though the broker', () => {
  it.each<[string, Record<string, unknown>]>([
    ['takes the order and loses the reply', { loseReplies: 1 }],
    ['takes the order and answers that a gateway gave up', { failReplies: 1, failStatus: 504 }],
    ['takes the cancellation and loses the reply', { loseCancelReplies: 1 }],
    ['takes the cancellation and gives it up', { rejectCancels: 1 }],
    ['answers five requests with 503', { failRequests: 5, failStatus: 503 }],
    ['answers five requests with 429', { limitRequests: 5 }],
    ['refuses the order for want of buying power that is there', { refuseBuyingPower: 1 }],
    ['answers late', { answerDelayMs: 300 }],
    ['tells no updates', { dropUpdateRate: 1 }],
    ['tells every update twice', { duplicateUpdateRate: 1 }],
    ['tells updates late and out of order', { delayUpdateRate: 0.5, delayUpdateMs: 200 }],
    ['cuts the stream', { disconnectStreams: true }],
  ])('%s', async (_, faults) => {
    await ready();
    await at().fleet.faults(faults);
    at().betterIsNear();
    await at().expectRight();
    await at().fleet.faults(FAIR);
    await clear();
  });

  it('answers nothing in time for a while', async () => {
    await ready();
    await at().fleet.faults({ answerDelayMs: 2_000 });
    at().betterIsNear();
    const worker = at().part('worker');
    const { lines } = at().part('keeper');
    const failed = () => lines.filter(({ msg }) => msg.startsWith('reconciling failed')).length;
    const before = failed();
    await at()
      .part('keeper')
      .until('its reconciliation failed', () => failed() > before);
    expect(worker.alive).toBe(true);
    await at().fleet.faults(FAIR);
    await at().expectRight();
    await clear();
  });

  it("halts the victim's symbol", async () => {
    await ready();
    await at().fleet.faults({ haltedSymbols: [at().victimSymbol] });
    at().betterIsNear();
    await at().expectRight();
    await at().fleet.faults(FAIR);
    await clear();
  });

  it("halts the thief's symbol: no order is cancelled for it", async () => {
    await ready();
    await at().fleet.faults({ haltedSymbols: [at().thiefSymbol] });
    at().betterIsNear();
    const { redis, account } = at().fleet.ledger;
    await expect
      .poll(() => redis.hget(key(account, `refusal:${at().better}`), 'reason'), PATIENCE)
      .toBe('untakeable');
    expect(await at().fleet.book()).toMatchObject({
      orders: [`${at().worse}_1 working`],
      outbox: 0,
      leakedMicros: 0,
    });
    await at().fleet.faults(FAIR);
    await clear();
  });

  it('has the order cancelled by hand: its plan is withdrawn, and the room is free', async () => {
    await ready();
    await at().fleet.person.cancel(`${at().worse}_1`);
    await expect
      .poll(() => at().fleet.plan(at().worse), PATIENCE)
      .toMatchObject({ stage: 'withdrawn', reason: 'cancelled_by_hand' });
    at().betterIsNear();
    await expect
      .poll(() => at().fleet.book(), PATIENCE)
      .toMatchObject({ live: [`${at().better}_1`], leakedMicros: 0 });
    await at().fleet.expectSound();
    await clear();
  });
});
