/**
 * kill -9 at every step of a steal (I4, I6, I7, I9): one or several processes kill themselves right after a
 * step, new ones replace them, and the book ends correct in every case.
 */
import { describe, expect, it } from 'vitest';
import { type Part, stealScene } from '../support/steal-scene.ts';

const scene = stealScene();

/**
 * Each dies right after its step; `stalled`: stopped by a signal until the others have died, as a host that
 * hangs.
 */
type Deaths = Partial<Record<Part, string>> & { stalled?: Part };

const CASES: [string, Deaths][] = [
  ['the thief was blocked and its host dies before it could ask for a steal', { thief: 'after_admit' }],
  ['the steal is committed and nobody has enqueued the cancellation', { thief: 'after_steal' }],
  ['the cancellation is enqueued and nobody waits for the grant', { thief: 'after_enqueue' }],
  ['the thief is granted its room and nobody uses it', { thief: 'after_grant' }],
  ['the submission is marked and never sent', { thief: 'after_submit' }],
  ['the order is sent and its answer is never heard', { thief: 'after_post' }],
  ['the order is open and its host is gone', { thief: 'after_open' }],
  ['the victim, before, had its room and was never sent', { victim: 'after_admit' }],
  ['the victim, before, was marked and never sent', { victim: 'after_submit' }],
  ['the victim, before, was sent and its answer never heard', { victim: 'after_post' }],
  ['the broker took the cancellation and the worker is gone', { worker: 'after_cancel' }],
  [
    'the worker told the ledger of the end and is gone before its job is done',
    { worker: 'after_settle', stalled: 'keeper' },
  ],
  [
    'nobody enqueued the cancellation, and the next worker dies of it',
    { thief: 'after_steal', worker: 'after_cancel' },
  ],
  [
    'the worker is gone, and so is the keeper that settled in its place',
    { worker: 'after_cancel', keeper: 'after_settle' },
  ],
  [
    'the sender is gone, and so is the keeper that heard of its order',
    { thief: 'after_post', keeper: 'after_open' },
  ],
  [
    'the mark stands, and the keeper dies at its next reconciliation',
    { thief: 'after_submit', keeper: 'after_reconcile_orders:9' },
  ],
  ['the keeper dies before it tells the ledger the positions', { keeper: 'after_reconcile_orders' }],
  ['the keeper dies right after it told the ledger the positions', { keeper: 'after_sync' }],
];

describe('kill -9: the steal ends right when', () => {
  it.each(CASES)('%s', async (_, { stalled, ...deaths }) => {
    const at = scene();
    if (deaths.victim !== undefined) await at.replace('victim', { dieAfter: deaths.victim });
    await at.fileWorse();
    if (deaths.victim !== undefined) await at.revive('victim');
    await at.worseIsFar();
    for (const part of ['worker', 'keeper'] as const)
      if (deaths[part] !== undefined) await at.replace(part, { dieAfter: deaths[part] });
    // It stalls when all run: an account whose keeper hangs for long admits nothing.
    const thief = stalled === undefined ? undefined : at.start('thief', { dieAfter: deaths.thief });
    await thief?.until('it waits for a plan', ({ lines }) => lines.some(({ msg }) => msg === 'watching'));
    if (stalled !== undefined) at.part(stalled).signal('SIGSTOP');
    await at.fileBetter();
    if (thief === undefined) at.start('thief', { dieAfter: deaths.thief });
    for (const part of ['thief', 'worker', 'keeper'] as const)
      if (deaths[part] !== undefined) await at.revive(part);
    if (stalled !== undefined) at.part(stalled).signal('SIGCONT');
    await at.expectRight();
    await at.clear();
  });

  it('every process dies while the victim is being cancelled', async () => {
    const at = scene();
    await at.fleet.faults({ stickCancels: 1 });
    await at.fileWorse();
    await at.worseIsFar();
    await at.fileBetter();
    at.start('thief');
    await at.cancelRequested();
    const all: Part[] = ['thief', 'victim', 'worker', 'keeper'];
    for (const part of all) at.part(part).signal('SIGKILL');
    for (const part of all) await at.revive(part);
    await at.fleet.faults({ stickCancels: 0 });
    await at.expectRight();
    await at.clear();
  });

  it('the keeper dies on one host while a second one stands by, and is not restarted', async () => {
    const at = scene();
    await at.fileWorse();
    await at.worseIsFar();
    const active = at.part('keeper');
    const standby = at.start('keeper');
    active.signal('SIGKILL');
    expect(await active.ended()).toBe('SIGKILL');
    await at.fileBetter();
    at.start('thief');
    await at.expectRight();
    await standby.until('it has taken over', ({ report }) => report['active'] === true);
    await at.clear();
  });
});
