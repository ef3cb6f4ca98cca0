/**
 * kill -STOP: a process hangs in the middle of a step until others have taken over, then continues with stale
 * knowledge (I4, I6, I7).
 */
import { describe, expect, it } from 'vitest';
import { EMPTY_BOOK, PATIENCE } from '../support/fleet.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { type Part, stealScene } from '../support/steal-scene.ts';

const scene = stealScene();

/** Steps at which a process hangs, past all of its leases, and then goes on as if nothing had happened. */
const HANGS: [string, Part, string][] = [
  ['a committed steal that it has not enqueued', 'thief', 'after_steal'],
  ['a grant that is not its own any more', 'thief', 'after_grant'],
  ['a marked submission that it has not sent', 'thief', 'after_submit'],
  ['an answer of the broker that it has not recorded', 'thief', 'after_post'],
  ['a cancellation that another worker has settled', 'worker', 'after_cancel'],
  ['room for the victim, before, that was given back', 'victim', 'after_admit'],
];

describe('kill -STOP: all ends right though a process hangs and comes back with', () => {
  it.each(HANGS)('%s', async (_, part, hangAfter) => {
    const at = scene();
    let hanging: RoleProcess | undefined;
    if (part === 'victim') await at.replace('victim', { hangAfter });
    await at.fileWorse();
    if (part === 'victim') hanging = await at.relieve('victim');
    await at.worseIsFar();
    if (part === 'worker') await at.replace('worker', { hangAfter });
    await at.fileBetter();
    at.start('thief', part === 'thief' ? { hangAfter } : {});
    if (part !== 'victim') hanging = await at.relieve(part);
    await at.expectRight();
    await hanging?.goOn();
    await at.expectRight();
    await at.clear();
  });

  /** Last: what was filled stays in the account. */
  it('positions of before a fill', async () => {
    const at = scene();
    await at.fileWorse();
    await at.worseIsFar();
    await at.replace('keeper', { hangAfter: 'after_positions:5' });
    const hanging = await at.relieve('keeper');
    at.fleet.price(at.victimSymbol, '99');
    const filled = { ...EMPTY_BOOK, positions: [`${at.victimSymbol} 9`] };
    await expect.poll(() => at.fleet.book(), PATIENCE).toMatchObject(filled);
    await at.fileBetter(); // its plan is done, so the victim's host takes the other one
    await hanging.goOn(1); // a keeper reports when its round or its term ends
    await at
      .part('victim')
      .until('its plan was refused', ({ lines }) =>
        lines.some(({ msg }) => msg.includes('refused, no_candidates')),
      );
    expect(await at.fleet.book()).toMatchObject(filled);
    await at.fleet.expectSound();
  });
});
