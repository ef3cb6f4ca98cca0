/**
 * What a failover that loses writes must not do to an account, and its state afterwards (I1, I7, I8). Two
 * plans wait the whole time, so that the exchange would record a breach of the cap.
 */
import { expect } from 'vitest';
import { EMPTY_BOOK, PATIENCE } from './fleet.ts';
import type { StealScene } from './steal-scene.ts';
import { untypedErrors } from './told-errors.ts';

const ROLES = ['keeper', 'worker', 'victim', 'thief'] as const;

/** Processes on both plans, which wait far from their limits. */
export async function bothWait(scene: StealScene): Promise<void> {
  await scene.worseWaits();
  await scene.betterWaits();
}

/** The worse plan's order works at the broker, far from its limit, and the ledger knows it. */
export async function worseWorks(scene: StealScene): Promise<void> {
  scene.worseIsNear();
  await scene.worseIsFar();
}

/**
 * Ledger and exchange agree on one order, which is the better plan's; the worse plan waits; the exchange saw
 * the cap exceeded at no instant and no order twice. And so it is still after three more reconciliations.
 */
export async function endsWithBetter(scene: StealScene): Promise<void> {
  const { fleet, better, worse } = scene;
  const look = async () => {
    const { stage, attempt } = await fleet.plan(better);
    const book = await fleet.book();
    const isCurrent = book.live.includes(`${better}_${attempt}`);
    return { ...book, isCurrent, stages: [stage, (await fleet.plan(worse)).stage] };
  };
  // Its first attempt may have ended while the account was closed.
  const right = {
    ...EMPTY_BOOK,
    live: [expect.stringMatching(new RegExp(`^${better}_\\d+$`))],
    orders: [expect.stringMatching(new RegExp(`^${better}_\\d+ working$`))],
    isCurrent: true,
    stages: ['entering', 'waiting'],
  };
  await expect.poll(look, { ...PATIENCE, timeout: 60_000 }).toEqual(right);
  const keeper = scene.part('keeper');
  const rounds = (): number => Number(keeper.report['reconciles']);
  const before = rounds();
  await keeper.until('it has reconciled three times more', () => rounds() >= before + 3);
  expect(await look()).toEqual(right);
  await neverWrong(scene);
}

export async function neverWrong({ fleet }: StealScene): Promise<void> {
  const { violations, doubleOrders } = await fleet.judge();
  expect({ violations, doubleOrders }).toEqual({ violations: [], doubleOrders: 0 });
}

/** The account is empty again, and a whole steal goes through, cancellation and all. */
export async function stealsAgain(scene: StealScene): Promise<void> {
  // Asked until it is done: on a busy machine the Sentinels may replace the new master once more, and lose
  // what was asked last.
  const emptied = async () => {
    await scene.fleet.withdraw(scene.worse, scene.better);
    return await scene.fleet.book();
  };
  await expect.poll(emptied, PATIENCE).toEqual(EMPTY_BOOK);
  await scene.fileWorse();
  await scene.worseIsFar();
  const worker = scene.part('worker');
  const carriedOut = (): number =>
    Number(worker.report['settled'] ?? 0) + Number(worker.report['ended'] ?? 0);
  const before = carriedOut();
  await scene.fileBetter();
  await scene.expectStolen();
  await neverWrong(scene);
  await worker.until('it carried out the cancellation', () => carriedOut() > before);
}

/** Nobody died of it, and every error that was told is one of ours. */
export function allLive(scene: StealScene): void {
  const parts = ROLES.map((role) => scene.part(role));
  expect(parts.filter(({ alive }) => !alive).map(({ name }) => name)).toEqual([]);
  expect(parts.flatMap(untypedErrors)).toEqual([]);
}
