/** `tail` follows the account's events, from now or from a past time, and stops when asked. */
import { describe, expect, it } from 'vitest';
import { readSince } from '../../src/cli/since.ts';
import { tailEvents } from '../../src/cli/tail.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { eventCells } from '../../src/inspection/event-line.ts';
import type { LedgerEvent } from '../../src/ledger/events.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, failure, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();

/** Tails until `last` is an event's type; resolves to the lines up to it, when the tail has ended. */
async function tailUntil(
  account: TestAccount,
  last: string,
  since?: string,
  meanwhile?: () => Promise<void>,
): Promise<string[]> {
  const stopping = new AbortController();
  const lines: string[] = [];
  const onEvent = (event: LedgerEvent): void => {
    if (stopping.signal.aborted) return;
    lines.push(eventCells(event).slice(1).join(': '));
    if (event.type === last) stopping.abort();
  };
  const tail = tailEvents({ url: ledgers.url, account: account.name }, since, onEvent, stopping.signal);
  await Promise.all([tail, meanwhile?.()]);
  return lines;
}

it('prints the events since then, one sentence each', async () => {
  const account = await ledgers.account();
  await account.prices({ AAPL: '100', MSFT: '110' });
  await account.place(anOrder('m1').of('MSFT').at('100').worth(1000).pnl('5'));
  await account.steal(anOrder('t1').of('AAPL').at('100').worth(400).pnl('9'));
  await account.end('m1', 'cancelled');
  const lines = await tailUntil(account, 'granted', '1h');
  expect(lines.slice(-5)).toEqual([
    'reserved: MSFT m1 fits: its room is reserved',
    'working: MSFT m1 works at the broker',
    'stolen: AAPL t1 takes the room of MSFT m1 (PnL 5)',
    'ended: MSFT m1 ended cancelled (broker); its room was taken by t1',
    'granted: AAPL t1 has the room that it took',
  ]);
});

it('follows what happens next', async () => {
  const account = await ledgers.account();
  const lines = await tailUntil(account, 'halted', '1h', async () => {
    await account.ledger.run('halt', ['test', 'alice@ops', 0]);
  });
  expect(lines.at(-1)).toBe('halted: the account is halted by alice@ops: test');
});

it('reports an unknown account', async () => {
  const error = await failure(
    tailEvents(
      { url: ledgers.url, account: 'nobody-here' },
      undefined,
      () => {},
      new AbortController().signal,
    ),
  );
  expect(error.code).toBe('unknown');
});

describe('since:', () => {
  it.each([
    ['90s', 910_000],
    ['10m', 400_000],
    ['1970-01-01T00:01:00Z', 60_000],
  ])('%s', (text, ms) => {
    expect(readSince(text, 1_000_000)).toBe(ms);
  });
  it.each(['yesterday', '10', '1970-01-01T00:01:00', '-5m'])('%s is refused', (text) => {
    expect(() => readSince(text, 1_000_000)).toThrow(WorkstealError);
  });
});

it('a corrected position is told in dollars', () => {
  const told = { symbol: 'AAPL', was: 'long 10 900000000', is: 'none' };
  const event: LedgerEvent = { id: '1-0', type: 'corrected', fields: { type: 'corrected', ...told } };
  expect(eventCells(event)[2]).toBe('position of AAPL corrected: was long 10 for $900.00, is none');
  const fields = { ...event.fields, is: 'long 10 900000001' };
  expect(eventCells({ ...event, fields })[2]).toBe(
    'position of AAPL corrected: was long 10 for $900, is long 10 for $900.000001',
  );
});

it('an unknown event is shown by its fields, without terminal control characters', () => {
  const event: LedgerEvent = {
    id: '1-0',
    type: 'new_kind',
    fields: { type: 'new_kind', at_ms: '1736953200000', reason: '\u001b[2J' },
  };
  expect(eventCells(event)).toEqual(['2025-01-15T15:00:00.000Z', 'new_kind', 'reason=?[2J']);
});
