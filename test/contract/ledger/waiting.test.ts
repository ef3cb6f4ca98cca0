/** Whose turn it is: the queue of plans that lack room (docs/rules.md, 4.9). */
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { close, reopen } from '../../../src/ledger/commands/closures.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { isDamaged, mend } from '../../../src/ledger/commands/mend.ts';
import { leaveQueue } from '../../../src/ledger/commands/plan-leave.ts';
import {
  claimPlans,
  closePlan,
  filePlan,
  notePlan,
  type Plan,
  renewPlans,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { resume } from '../../../src/ledger/commands/resume.ts';
import { snapshot } from '../../../src/ledger/commands/snapshot.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { readEvent } from '../../../src/ledger/events.ts';
import { key } from '../../../src/ledger/keys.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runScript } from '../../support/inspection.ts';
import { anOrder, type OrderBuilder, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
const TURN_MS = 150;
const LEASE_MS = 60_000;

function aPlan(id: string, more: Partial<Plan>): Plan {
  const base = { id, side: 'buy', mode: 'normal', limit: '10', qty: '5', pnl: '1', pool: '' } as const;
  const times = { takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' };
  return { ...base, ...times, symbol: 'MMM', ...more };
}

/** A plan's wish: its first order. */
const wishOf = (plan: string, dollars: number, pnl: string): OrderBuilder =>
  anOrder(`${plan}_1`).of('MMM').worth(dollars).pnl(pnl).plan(plan);

type Queue = {
  account: TestAccount;
  /** Plans of these names, dollars and forecasts are refused for want of room; `host` holds them. */
  wait: (plans: readonly [plan: string, dollars: number, pnl: string][], host?: string) => Promise<void>;
  /** The plans in the order of the queue. */
  waiting: () => Promise<string[]>;
  /** What the ledger named since the last call, one list an event. */
  named: (type?: string) => Promise<string[][]>;
};

/** Orders a to e take the room of $1,000, $200 each. MMM is too far from its limit to steal. */
async function aFullAccount(env = {}): Promise<Queue> {
  const account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1', ...env } });
  const { ledger } = account;
  await account.prices({ AAA: '10', MMM: '10.05' });
  await account.place(...['a', 'b', 'c', 'd', 'e'].map((id) => anOrder(id).worth(200)));
  let last = '-';
  return {
    account,
    async wait(plans, host = 'host') {
      for (const [id, , pnl] of plans) await filePlan(ledger, aPlan(id, { pnl }));
      await claimPlans(ledger, host, LEASE_MS, 500);
      for (const [id, dollars, pnl] of plans)
        expect(await account.admit(wishOf(id, dollars, pnl).by(host))).toMatchObject({
          outcome: 'not_close_enough',
        });
    },
    async waiting() {
      const members = await ledger.redis.zrange(key(ledger.account, 'waiting'), 0, '-1');
      return members.map((member) => member.slice(16));
    },
    async named(type = 'turn') {
      const entries = await ledger.redis.xrange(key(ledger.account, 'events'), last, '+');
      const end = entries.at(-1)?.[0];
      if (end !== undefined) last = `(${end}`;
      return entries
        .map(([id, flat]) => readEvent(id, flat))
        .filter((event) => event.type === type)
        .map(({ fields }) => (fields['plans'] ?? '').split(';'));
    },
  };
}

describe('a plan that lacks room', () => {
  it('waits in the queue: best first, then oldest, then by its id', async () => {
    const { account, wait, waiting } = await aFullAccount();
    await wait([
      ['p2', 100, '5'],
      ['p1', 100, '5'],
    ]);
    await account.advance(1);
    await wait([
      ['p0', 100, '5'],
      ['low', 100, '-1'],
      ['best', 100, '5.000000001'],
    ]);
    expect(await waiting()).toEqual(['best', 'p1', 'p2', 'p0', 'low']);
    await account.expectSound();
  });

  it('is told its place, and what it needs is on record', async () => {
    const { account, wait } = await aFullAccount();
    await wait([['p1', 150, '5']]);
    await filePlan(account.ledger, aPlan('p2', { pnl: '9' }));
    await claimPlans(account.ledger, 'host', LEASE_MS, 9);
    expect(await account.admit(wishOf('p2', 120, '9').in('crypto'))).toMatchObject({
      numbers: { place: '1', waiting: '2' },
    });
    expect(await account.field('waits', 'p2')).toMatch(/^120000000 crypto 0 host \d+ 0 \d+$/);
    expect(await account.field('account', 'waiting')).toBe('2');
    await account.expectSound();
  });

  it('waits once, however often it is refused', async () => {
    const { account, wait, waiting } = await aFullAccount();
    await wait([['p1', 150, '5']]);
    await account.admit(wishOf('p1', 150, '5'));
    expect(await waiting()).toEqual(['p1']);
  });

  it('does not wait without a record, or when another host holds it', async () => {
    const { account, wait, waiting } = await aFullAccount();
    await account.admit(wishOf('unknown', 150, '5'));
    await wait([['p1', 150, '5']]);
    await account.admit(wishOf('p1', 150, '5').by('other'));
    await account.admit(anOrder('plain').of('MMM').worth(150));
    expect(await waiting()).toEqual([]);
    await account.expectSound();
  });
});

describe('when room comes free', () => {
  it('the step that frees it names the best that fit together, at most 8, in one event', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait([
      ['too_large', 300, '9'],
      ['first', 120, '8'],
      ['second', 70, '7'],
      ['no_fit', 70, '6'],
      ['last', 10, '5'],
    ]);
    await named();
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([['first', 'second', 'last']]);
    await account.expectSound();
  });

  it('no more than 8 are named', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait(Array.from({ length: 12 }, (_, at) => [`p${at + 10}`, 10, '5']));
    await named();
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([['p10', 'p11', 'p12', 'p13', 'p14', 'p15', 'p16', 'p17']]);
  });

  it('who enters leaves the queue, and the next that fits is named', async () => {
    const { account, wait, waiting, named } = await aFullAccount();
    await wait(Array.from({ length: 12 }, (_, at) => [`p${at + 10}`, 10, '5']));
    await account.end('a', 'cancelled');
    await named();
    expect(await account.admit(wishOf('p10', 10, '5'))).toMatchObject({ outcome: 'fits' });
    expect(await named()).toEqual([['p18']]);
    expect(await waiting()).toHaveLength(11);
    await account.expectSound();
  });

  it('nothing is held back: another order takes the room', async () => {
    const { account, wait, waiting, named } = await aFullAccount();
    await wait([['p1', 200, '5']]);
    await named();
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([['p1']]);
    expect(await account.admit(anOrder('quick').of('MMM').worth(200))).toMatchObject({ outcome: 'fits' });
    expect(await account.admit(wishOf('p1', 200, '5'))).toMatchObject({ outcome: 'not_close_enough' });
    expect(await waiting()).toEqual(['p1']);
    expect(await named()).toEqual([]);
  });

  it('further room is named to others while it is their turn', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait([
      ['p1', 200, '5'],
      ['p2', 200, '4'],
      ['p3', 200, '3'],
    ]);
    await named();
    await account.end('a', 'cancelled');
    await account.end('b', 'cancelled');
    expect(await named()).toEqual([['p1'], ['p2']]);
  });

  it.each([
    [
      'a reservation is released',
      async ({ ledger }: TestAccount) => void (await release(ledger, 'r', 'test')),
    ],
    ['the lease of a reservation ends', async (account: TestAccount) => await account.advance(10_000)],
    [
      'a copy of the book is read, and the lease of a reservation has ended',
      async ({ ledger }: TestAccount) => {
        // Its time passes without a command that would end the lease.
        await ledger.redis.hincrby(key(ledger.account, 'account'), 'clock_health_ms', 10_000);
        await snapshot(ledger);
      },
    ],
    ['the equity grows', async (account: TestAccount) => void (await grow(account))],
    [
      'the leverage grows',
      async (account: TestAccount) => await account.configure({ WORK_STEALING_LEVERAGE: '1.2' }),
    ],
  ])('%s: its turn comes', async (_, free) => {
    const { account, wait, named } = await aFullAccount();
    await account.end('a', 'cancelled');
    await account.admit(anOrder('r').worth(200), 10_000);
    await wait([['p1', 150, '5']]);
    await named();
    await free(account);
    await renewPlans(account.ledger, 'host', LEASE_MS, ['p1']);
    await leaveQueue(account.ledger, 'host', []);
    await named('turn').then((turns) => expect(turns.flat()).toContain('p1'));
  });

  it('a plan waits for its own pool as well', async () => {
    const { account, wait, named } = await aFullAccount({ WORK_STEALING_POOLS: 'crypto:0.1' });
    await account.end('a', 'cancelled');
    await account.place(anOrder('c1').of('CCC').worth(100).in('crypto'));
    await filePlan(account.ledger, aPlan('p1', { pnl: '9', pool: 'crypto' }));
    await claimPlans(account.ledger, 'host', LEASE_MS, 9);
    expect((await account.admit(wishOf('p1', 50, '9').in('crypto'))).outcome).toBe('not_close_enough');
    await wait([['p2', 150, '1']]);
    await named();
    await account.end('b', 'cancelled');
    expect(await named()).toEqual([['p2']]);
    await account.end('c1', 'cancelled');
    expect(await named()).toEqual([['p1']]);
  });

  it('the best that fits is found far behind many that need more', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait(Array.from({ length: 160 }, (_, at) => [`big${at + 100}`, 900, '9']));
    await wait([
      ['small1', 150, '1'],
      ['small2', 150, '2'],
    ]);
    await named();
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([['small2']]);
  });

  it('nobody is named while the account is halted; when it resumes they are', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait([['p1', 150, '5']]);
    await named();
    await halt(account.ledger, 'test');
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([]);
    await resume(account.ledger, 'test');
    expect(await named()).toEqual([['p1']]);
  });
});

async function grow(account: TestAccount): Promise<void> {
  await account.sync('1200');
  await account.advance(10_000);
  await account.sync('1200');
}

describe('whose turn it is and who does not come', () => {
  it('is passed over, and the next is named, until its host calls again', async () => {
    const { account, wait, waiting, named } = await aFullAccount();
    await wait(
      [
        ['gone', 200, '9'],
        ['gone2', 200, '8'],
      ],
      'dead',
    );
    await wait([['next', 200, '1']]);
    await named();
    await account.end('a', 'cancelled');
    expect(await named()).toEqual([['gone']]);
    await account.advance(TURN_MS - 1);
    await leaveQueue(account.ledger, 'host', []);
    expect(await named()).toEqual([]);
    await account.advance(1);
    await leaveQueue(account.ledger, 'host', []);
    expect(await named()).toEqual([['next']]);
    expect(await account.field('account', 'silent')).toBe('dead');
    expect(await account.field('account', 'turns_passed_over')).toBe('1');
    expect(await waiting()).toEqual(['gone', 'gone2', 'next']);
    await account.end('b', 'cancelled');
    expect(await named()).toEqual([]);
    await renewPlans(account.ledger, 'dead', LEASE_MS, ['gone', 'gone2']);
    expect(await named()).toEqual([['gone']]);
    await account.expectSound();
  });

  it('a plan that says that it does not come makes place at once', async () => {
    const { account, wait, waiting, named } = await aFullAccount();
    await wait([
      ['p1', 200, '9'],
      ['p2', 200, '8'],
    ]);
    await named();
    await account.end('a', 'cancelled');
    expect(await leaveQueue(account.ledger, 'host', ['p1', 'p1', 'other'])).toBe(1);
    expect(await named()).toEqual([['p1'], ['p2']]);
    expect(await waiting()).toEqual(['p2']);
    expect(await leaveQueue(account.ledger, 'thief', ['p2'])).toBe(0);
  });
});

describe('a plan leaves the queue', () => {
  it.each<[string, (queue: Queue) => Promise<unknown>]>([
    ['when it is withdrawn', ({ account }) => withdrawPlan(account.ledger, 'p1', 'test')],
    ['when a person closes it', ({ account }) => closePlan(account.ledger, 'p1', 'me@host')],
    ['when it has ended', ({ account }) => notePlan(account.ledger, 'host', progress('expired'))],
    ['when it enters', ({ account }) => notePlan(account.ledger, 'host', progress('entering'))],
    ['when its host gives it back', ({ account }) => renewPlans(account.ledger, 'host', 0, ['p1'])],
    [
      'when another host takes it',
      async ({ account }) => {
        await account.advance(LEASE_MS);
        await account.sync('1000');
        expect(await claimPlans(account.ledger, 'other', LEASE_MS, 9)).toHaveLength(1);
      },
    ],
    [
      'when the lease of its host has ended, at the next sweep',
      async ({ account }) => {
        await account.advance(LEASE_MS);
        await sweep(account.ledger, 100);
      },
    ],
    [
      'when the lease of its host has ended, before it is named',
      async ({ account }) => {
        await account.advance(LEASE_MS);
        await account.end('a', 'cancelled');
      },
    ],
    [
      'when the book was rebuilt',
      async ({ account }) => {
        await account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', '0');
        await account.sync('1000');
      },
    ],
  ])('%s', async (_, leave) => {
    const queue = await aFullAccount();
    await queue.wait([['p1', 150, '5']]);
    await queue.named();
    await leave(queue);
    expect(await queue.waiting()).toEqual([]);
    expect((await queue.named()).flat()).toEqual([]);
    expect(await queue.account.field('account', 'waiting')).toBe('0');
    await queue.account.expectSound();
  });
});

const progress = (stage: 'expired' | 'entering') => ({ id: 'p1', stage, attempt: 1, exitAttempt: 0 });

describe('a queue that is spoiled', () => {
  const named = (text: string): string => `plan p1 waits for room, and ${text}`;
  const misplaced = named('is not in its place in the queue');
  const spoils: [string, (at: (name: string) => string) => [string, ...string[]], string][] = [
    ['its place is gone', (at) => ['DEL', at('waiting')], misplaced],
    ['what it needs is another in the index', (at) => ['ZADD', at('waits_by_need'), '7', 'p1'], misplaced],
    ['its record is odd', (at) => ['HSET', at('waits'), 'p1', 'odd'], misplaced],
    ['its record is gone', (at) => ['DEL', at('waits')], 'waiting lists 2, 0 wait for room'],
    [
      'it has ended',
      (at) => ['HSET', at('plan:p1'), 'ended_at_ms', '1'],
      named('has ended or is not of that host'),
    ],
    [
      'another host has it',
      (at) => ['HSET', at('plan:p1'), 'owner', 'b'],
      named('has ended or is not of that host'),
    ],
    ['the count is wrong', (at) => ['HSET', at('account'), 'waiting', '5'], 'waiting is 5, there are 2'],
    [
      'a stranger may steal',
      (at) => ['ZADD', at('thieves'), '1', 'odd'],
      'thieves has odd, which does not wait for room',
    ],
    [
      'it is the turn of a stranger',
      (at) => ['ZADD', at('turns'), '1', 'odd'],
      'it is the turn of plan odd, which does not wait for room',
    ],
    [
      'nobody would pass over',
      (at) => ['HSET', at('account'), 'turn_due_ms', '0'],
      'turns are named, and nobody passes them over',
    ],
  ];

  it.each(spoils)('%s: both audits tell, and mending empties it', async (_, spoil, fault) => {
    const queue = await aFullAccount();
    const { account } = queue;
    const { ledger } = account;
    await queue.wait([
      ['p1', 150, '5'],
      ['p2', 150, '4'],
    ]);
    await account.end('a', 'cancelled');
    const [command, ...args] = spoil((name) => key(account.name, name));
    await ledger.redis.call(command, ...args);
    const faults = (await audit(ledger))?.faults;
    expect(faults).toContain(fault);
    expect(JSON.parse(await runScript(account, 'audit', ['json']))).toMatchObject({ faults });

    await close(ledger, 'fault', fault);
    expect(await isDamaged(ledger)).toBe(true);
    await mend(ledger);
    await account.configure({ WORK_STEALING_POOLS: 'crypto:1' });
    await account.sync('1000');
    await reopen(ledger, 'fault');
    expect(await queue.waiting()).toEqual([]);
    await account.expectSound();
    await queue.wait([['p3', 1500, '5']]);
    expect(await queue.waiting()).toEqual(['p3']);
    await account.expectSound();
  });
});

describe('a plan near its limit that found nobody to take room from', () => {
  it('is named when an order more may be taken', async () => {
    const { account, wait, named } = await aFullAccount();
    await wait([
      ['p1', 200, '5'],
      ['far', 200, '7'],
    ]);
    await account.prices({ MMM: '10' });
    expect(await account.steal(wishOf('p1', 200, '5'))).toMatchObject({
      outcome: 'no_candidates',
      numbers: { place: '2' },
    });
    await named('chance');
    await account.prices({ AAA: '11' });
    expect(await named('chance')).toEqual([['p1']]);
    expect(await account.steal(wishOf('p1', 200, '5'))).toMatchObject({ outcome: 'stolen' });
    await account.expectSound();
  });

  it('under policy expected is named by what it counts: PnL x the probability of a fill', async () => {
    const { account, wait, named } = await aFullAccount();
    await account.configure({ WORK_STEALING_POLICY: 'expected', WORK_STEALING_POOLS: 'crypto:1' });
    const unlikely = Array.from({ length: 8 }, (_, at): [string, number, string] => [`p${at}`, 200, '40']);
    const plans = [...unlikely, ['likely', 200, '10'] as [string, number, string]];
    await wait(plans);
    await account.prices({ MMM: '10' });
    for (const [id, dollars, pnl] of plans) {
      const wish = wishOf(id, dollars, pnl).likely(id === 'likely' ? '0.8' : '0.01');
      expect((await account.steal(wish)).outcome).toBe('no_candidates');
    }
    await named('chance');
    await account.prices({ AAA: '11' });
    expect(await named('chance')).toEqual([['likely', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']]);
    await account.expectSound();
  });

  it('the next is named after one that is kept from stealing for a cause of its own', async () => {
    const { account, wait, named } = await aFullAccount();
    await account.configure({ WORK_STEALING_MAX_VICTIMS: '1', WORK_STEALING_POOLS: 'crypto:1' });
    const plans = Array.from({ length: 10 }, (_, at): [string, number, string] => [
      `p${at}`,
      500,
      `${20 - at}`,
    ]);
    await wait(plans);
    await account.prices({ MMM: '10' });
    for (const [id, dollars, pnl] of plans)
      expect((await account.steal(wishOf(id, dollars, pnl))).outcome).toBe('no_candidates');
    await named('chance');
    await account.prices({ AAA: '11' });
    expect(await named('chance')).toEqual([plans.slice(0, 8).map(([id]) => id)]);
    expect((await account.steal(wishOf('p0', 500, '20'))).outcome).toBe('too_many_victims');
    expect(await named('chance')).toEqual([['p8']]);
  });
});
