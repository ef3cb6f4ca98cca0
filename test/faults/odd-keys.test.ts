/**
 * Any key of the ledger is deleted or corrupted, under any command: no command fails silently, and a book
 * that may be half written is marked and admits nothing. After the keeper's repair and a reconciliation it is
 * sound (I2, I7, I8). Each command meets half of the keys, another half in each run: WORKSTEAL_SEED repeats
 * a run, WORKSTEAL_ODD_KEYS=all takes them all.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../../src/ledger/commands/audit.ts';
import { close, readClosures, reopen } from '../../src/ledger/commands/closures.ts';
import { isDamaged, mend } from '../../src/ledger/commands/mend.ts';
import { resume } from '../../src/ledger/commands/resume.ts';
import { key, keyPrefix } from '../../src/ledger/keys.ts';
import { scriptNames, scriptText } from '../../src/ledger/scripts.ts';
import { anOrder } from '../support/ledger.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { Chance, SEED } from './input/chance.ts';
import { type Call, rightCalls } from './input/right-calls.ts';

let book: AttackedBook;
let right: Readonly<Record<string, readonly Call[]>>;
let names: string[];
const shas = new Map<string, string>();
beforeAll(async () => {
  process.stderr.write(`odd keys: WORKSTEAL_SEED=${SEED}\n`);
  book = await attackedBook();
  const { ledger } = book.account;
  right = await rightCalls(await ledger.serverId());
  names = Object.keys(await book.account.keyspace());
  for (const command of scriptNames())
    shas.set(command, (await ledger.redis.script('LOAD', scriptText(command))) as string);
});
afterAll(() => book.close());

/** Every way in which a key is spoiled; the hashes whose numbers count also field by field. */
const SPOILS = {
  'is deleted': async (name: string) => void (await book.account.ledger.redis.del(name)),
  'is of another type': async (name: string) => {
    const { redis } = book.account.ledger;
    const isHash = (await redis.type(name)) === 'hash';
    await redis.del(name);
    if (isHash) await redis.sadd(name, 'odd');
    else await redis.hset(name, 'odd', '1');
  },
} as const;

type Outcome = 'fault' | 'answered';

/** @returns whether it answered. Throws where it fails in any other way. */
async function send(command: string, args: Call): Promise<Outcome> {
  const { ledger, name } = book.account;
  try {
    const answer = await ledger.redis.call(
      'EVALSHA',
      shas.get(command) as string,
      1,
      key(name, 'account'),
      ...args,
    );
    expect(Array.isArray(answer), `${command} answered ${JSON.stringify(answer)}`).toBe(true);
    return 'answered';
  } catch (error) {
    expect((error as Error).message, command).toMatch(/^FAULT /);
    return 'fault';
  }
}

/** A keeper's round: looks for faults, empties a damaged book, configures and reconciles it. */
async function round(): Promise<void> {
  const { account } = book;
  const { ledger } = account;
  const found = (await isDamaged(ledger)) ? undefined : await audit(ledger);
  if (found !== undefined && found.faults.length > 0) await close(ledger, 'fault', found.faults[0] as string);
  await mend(ledger);
  await account.configure({ WORK_STEALING_POOLS: 'crypto:1' });
  await mend(ledger);
  await account.sync('100000');
  // What the command under test may have done is not a fault.
  await resume(ledger, 'test');
  await reopen(ledger, 'broker');
}

/** Reconciles until it succeeds, as a keeper does; each failure leaves the book marked as damaged. */
async function reconcile(where: string): Promise<void> {
  for (let failed = 0; ; failed += 1) {
    try {
      return await round();
    } catch (error) {
      expect(error, where).toMatchObject({ code: 'damaged' });
      expect(failed, where).toBeLessThan(2);
    }
  }
}

describe.each(Object.keys(SPOILS) as (keyof typeof SPOILS)[])('a key that %s', (how) => {
  it.each(scriptNames())('under %s', async (command) => {
    const { account, witness } = book;
    const chance = new Chance(`a key that ${how} under ${command}`);
    for (const name of names) {
      if (process.env['WORKSTEAL_ODD_KEYS'] !== 'all' && chance.once(2)) continue;
      const where = `${name} ${how} under ${command}`;
      await witness.restore();
      await SPOILS[how](`${keyPrefix(account.name)}${name}`);
      const outcome = await send(command, (right[command] as readonly Call[])[0] as Call);
      if (outcome === 'fault' && name !== 'account') {
        expect(await isDamaged(account.ledger), where).toBe(true);
        if (name !== 'closures')
          expect(
            (await readClosures(account.ledger)).map(({ cause }) => cause),
            where,
          ).toContain('fault');
        expect((await account.admit(anOrder('while'))).outcome, where).toBe('unsynced');
      }
      await reconcile(where);
      expect((await audit(account.ledger))?.faults, where).toEqual([]);
      expect((await account.admit(anOrder('after').of('ZZZ').worth(10))).outcome, where).toBe('fits');
      expect(await readClosures(account.ledger), where).toEqual([]);
    }
  });
});

it.each(['account', 'order:partly', 'order:pending', 'settings'])(
  'a number of %s that is none',
  async (name) => {
    const { account, witness } = book;
    await witness.restore();
    const fields = await account.ledger.redis.hgetall(key(account.name, name));
    const numbers = Object.entries(fields).filter(
      ([field, value]) => /^\d+$/.test(value) && !field.startsWith('clock_'),
    );
    for (const [field] of numbers) {
      for (const command of ['admit', 'settle', 'tick', 'sync']) {
        const where = `${name} ${field} under ${command}`;
        await witness.restore();
        await account.ledger.redis.hset(key(account.name, name), field, 'odd');
        await send(command, (right[command] as readonly Call[])[0] as Call);
        await reconcile(where);
        expect((await audit(account.ledger))?.faults, where).toEqual([]);
        expect((await account.admit(anOrder('after').of('ZZZ').worth(10))).outcome, where).toBe('fits');
      }
    }
  },
);
