/**
 * 10,000 malformed calls of every Lua command: a typed refusal that names the field, never a script error,
 * and no change to the ledger (I6).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scriptNames } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';
import { attack, REFUSED } from './input/attack.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { LuaTarget, show } from './input/lua-target.ts';
import { type Call, rightCalls } from './input/right-calls.ts';
import { spoilCall } from './input/spoil-call.ts';

let book: AttackedBook;
let right: Readonly<Record<string, readonly Call[]>>;
beforeAll(async () => {
  book = await attackedBook();
  right = await rightCalls(await book.account.ledger.serverId());
});
beforeEach(() => book.witness.restore());
afterAll(() => book.close());

describe('malformed calls', () => {
  it('are made of right calls of every command', () => {
    expect(Object.keys(right).sort()).toEqual(scriptNames());
  });

  // A call with an argument too few would be refused for that, and its other faults would go unseen.
  it.each(scriptNames())('are made of calls of %s with as many arguments as its header names', (command) => {
    const header = readFileSync(join(packageRoot(), 'lua', `${command}.lua`), 'utf8');
    const named = header.match(/^-- ARGV\[\d+\]/gm) ?? [];
    const isRepeated = /^-- ARGV\[\d+\.\.\]/m.test(header);
    for (const call of right[command] ?? []) {
      if (isRepeated) expect(call.length).toBeGreaterThanOrEqual(named.length);
      else expect(call).toHaveLength(named.length);
    }
  });

  it.each(scriptNames())('of %s are refused and change nothing', async (command) => {
    const { account, witness } = book;
    const target = await LuaTarget.of(account, command);
    const chance = chanceOf(command);
    const next = () => spoilCall(chance.pick(right[command] ?? []), chance);
    const tally = await attack({
      account,
      witness,
      next,
      send: (args) => target.send(args),
      show,
      refusals: CALLS / 10,
    });
    // The rest where a refusal that wrote anything would be an error: each is sent once, and right ones need
    // not be taken back.
    while (tally.of(...REFUSED) < CALLS && tally.all < 6 * CALLS) {
      for (const outcome of await Promise.all(Array.from({ length: 1_000 }, () => target.look(next()))))
        tally.count(outcome);
    }
    expect(tally.of(...REFUSED), `${tally}`).toBeGreaterThanOrEqual(CALLS);
    expect(await witness.changed()).toEqual([]);
    // Most were invalid; a command whose only argument is a reason often stays valid.
    tally.expectRefused(
      ['halt', 'resume', 'account-told', 'vouch', 'keeper-note'].includes(command) ? 0.3 : 0.5,
    );
  });
});
