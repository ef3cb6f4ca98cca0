/** After a busy market, more of the same: pairs that take from each other again, until two of them fight. */
import type { SyncedPosition } from '../../src/ledger/commands/sync.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { SCENE } from './scenes.ts';

const WORTH = 9_000;
const PAUSE_MS = 90_000;
/** Thief and victim. A symbol that was taken from is left alone for five minutes. */
const ROUNDS = [
  ['UBER', 'GE'],
  ['HAL', 'F'],
  ['SNAP', 'PINS'],
  ['HAL', 'T'],
  ['UBER', 'GE'],
  ['HAL', 'F'],
  ['SNAP', 'T'],
  ['UBER', 'PINS'],
  ['UBER', 'GE'],
] as const;
/** Wishes that are refused meanwhile: not close enough, not better. */
const REFUSED = [
  ['CAT', '11', '70'],
  ['DE', '10', '3'],
] as const;

/** Ends as full as it began. */
export async function rivals(account: TestAccount, positions: readonly SyncedPosition[]): Promise<void> {
  await account.end('rest-0_1', 'cancelled');
  const room = Math.floor((await account.room()) / 1e6);
  await account.place(
    anOrder('wall_1')
      .of('ZRXUSD')
      .worth(room - WORTH)
      .pnl('900'),
  );
  for (const [at, [thief, victim]] of ROUNDS.entries()) {
    const [id, victimId] = [`rival-${at}_1`, `prey-${at}_1`];
    await account.place(anOrder(victimId).of(victim).worth(WORTH).pnl('4'));
    const prices = Object.fromEntries(REFUSED.map(([symbol, price]) => [symbol, price]));
    await account.prices({ ...prices, [thief]: '10', [victim]: '11', ZRXUSD: '10.3' });
    for (const [symbol, , pnl] of REFUSED.slice(0, at % 4 === 3 ? 0 : 1 + (at % 2)))
      for (let times = 0; times <= at % 3; times += 1)
        await account.steal(anOrder(`no-${symbol}-${at}-${times}`).of(symbol).worth(WORTH).pnl(pnl));
    const { outcome } = await account.steal(anOrder(id).of(thief).worth(WORTH).pnl('60'));
    await account.advance(700 + ((at * 617) % 1_900));
    await account.end(victimId, 'cancelled');
    if (outcome === 'stolen') {
      await account.send(id);
      await account.end(id, 'cancelled');
    }
    await account.advance(PAUSE_MS);
    await account.sync(SCENE.equity, positions);
  }
  await account.place(anOrder('wall_2').of('ZRXUSD').worth(WORTH).pnl('900'));
}
