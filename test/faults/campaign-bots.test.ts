/** The judges of a campaign's bots detect what they look for: test/faults/campaign/bots. */
import { describe, expect, it } from 'vitest';
import type { FinalState } from '../../src/domain/order.ts';
import type { Plan } from '../../src/ledger/commands/plans.ts';
import type { SseFrame } from '../support/sse-client.ts';
import { streamFaults } from '../support/stream-faults.ts';
import { Told } from './campaign/bots/told.ts';
import { toldWrong, unknownToAll } from './campaign/bots/told-check.ts';

/** What the broker has had: how each order ended, or `live`. */
function broker(orders: Readonly<Record<string, string>>) {
  const ends = Object.entries(orders).filter(([, status]) => status !== 'live');
  return {
    accepted: new Set(Object.keys(orders)),
    live: new Set(Object.keys(orders).filter((id) => orders[id] === 'live')),
    ends: new Map(
      ends.map(([id, status]) => [id, { status, filledQty: status === 'filled' ? '3' : '0' }] as const),
    ),
  };
}

/** An order of a bot, and what the bot was told of it. */
function order(tell: (told: Told) => void): Told {
  const told = new Told();
  told.wish('bot', { id: 'bot-1' } as Plan);
  tell(told);
  return told;
}

describe('What a bot was told', () => {
  it.each<[string, (told: Told) => void, Readonly<Record<string, string>>]>([
    ['nothing, of an order that never came to be', () => {}, {}],
    ['that it was refused', (told) => told.never('bot-1', 'refused'), {}],
    [
      'that it works, and how it ended',
      (told) => {
        told.placed('bot-1', 'serve');
        told.ended('bot-1', { state: 'filled', by: 'event', filledQty: '3.0' });
        told.ended('bot-1', { state: 'filled', by: 'GET' });
      },
      { 'bot-1': 'filled' },
    ],
    ['that its lease ran out', (told) => told.ended('bot-1', { state: 'expired', by: 'event' }), {}],
    [
      'that a person has replaced it',
      (told) => {
        told.placed('bot-1', 'gateway');
        told.replaced('bot-1');
      },
      { 'bot-1': 'replaced', 'bot-1-changed': 'live' },
    ],
    [
      'the end of the order that a person put in its place',
      (told) => told.ended('bot-1', { state: 'cancelled', by: 'event' }),
      { 'bot-1': 'replaced', 'bot-1-changed': 'canceled' },
    ],
  ])('is right: %s', (_, tell, orders) => {
    expect(toldWrong(order(tell).orders.values(), broker(orders))).toEqual([]);
  });

  it.each<[string, (told: Told) => void, Readonly<Record<string, string>>, RegExp]>([
    [
      'refused, and at the broker',
      (told) => told.never('bot-1', 'refused'),
      { 'bot-1': 'canceled' },
      /told "refused"/,
    ],
    [
      'placed, and the broker never had it',
      (told) => told.placed('bot-1', 'serve'),
      {},
      /the broker never had it/,
    ],
    [
      'placed, and nothing of its end',
      (told) => told.placed('bot-1', 'serve'),
      { 'bot-1': 'canceled' },
      /never how it ended \(cancelled\)/,
    ],
    [
      'two ends',
      (told) => {
        told.ended('bot-1', { state: 'expired', by: 'place' });
        told.ended('bot-1', { state: 'filled', by: 'event' });
      },
      { 'bot-1': 'filled' },
      /place said expired, event said filled/,
    ],
    [
      'another end than the broker’s',
      (told) => told.ended('bot-1', { state: 'cancelled', by: 'event' }),
      { 'bot-1': 'live' },
      /the broker has it as live/,
    ],
    [
      'filled, and never at the broker',
      (told) => told.ended('bot-1', { state: 'filled', by: 'event' }),
      {},
      /event said filled/,
    ],
    [
      'another quantity',
      (told) => told.ended('bot-1', { state: 'filled', by: 'event', filledQty: '2' }),
      { 'bot-1': 'filled' },
      /2 filled, and it was 3/,
    ],
  ])('is wrong: %s', (_, tell, orders, why) => {
    expect(toldWrong(order(tell).orders.values(), broker(orders))).toEqual([expect.stringMatching(why)]);
  });

  it('may be nothing where the ledger was lost, and said so', () => {
    const told = order((one) => {
      one.placed('bot-1', 'serve');
      one.forgotten('bot-1');
    });
    const wrong = (wasLost: boolean): string[] =>
      toldWrong(told.orders.values(), broker({ 'bot-1': 'canceled' }), wasLost);
    expect(wrong(true)).toEqual([]);
    expect(wrong(false)).toHaveLength(1);
  });

  it('may be two ends of an order that was never sent, where the ledger was lost in between', () => {
    const wrong = (
      orders: Readonly<Record<string, string>>,
      wasLost: boolean,
      second: FinalState,
    ): string[] => {
      const told = order((one) => {
        one.ended('bot-1', { state: 'cancelled', by: 'event' });
        one.ended('bot-1', { state: second, by: 'event' });
      });
      return toldWrong(told.orders.values(), broker(orders), wasLost);
    };
    expect(wrong({}, true, 'expired')).toEqual([]);
    expect(wrong({}, false, 'expired')).toHaveLength(1);
    expect(wrong({}, true, 'filled')).toHaveLength(1);
    expect(wrong({ 'bot-1': 'canceled' }, true, 'expired')).toHaveLength(1);
  });

  it('and an order at the broker is known to its bot, or to the ledger', () => {
    const told = order(() => {});
    const there = broker({ 'bot-1': 'live', 'bot--2': 'live', other_3: 'live' });
    expect(unknownToAll(told.orders, ['bot'], there, new Set(['bot--2']))).toEqual(['bot-1']);
    told.placed('bot-1', 'gateway');
    expect(unknownToAll(told.orders, ['bot'], there, new Set(['bot--2']))).toEqual([]);
  });
});

describe('A stream of events', () => {
  const ALL = ['1-0', '2-0', '2-1', '5-0', '6-0'];
  const frames = (...told: string[]): SseFrame[] =>
    told.map((text) => {
      const [id, event = 'ended'] = text.split(' ');
      return { id, event, data: {} };
    });

  it.each([
    ['that is whole', ['1-0 hello', '2-0', '2-1', '5-0', '6-0']],
    ['that goes on after a break', ['2-0 hello', '2-1', '2-1 hello', '5-0', '6-0']],
    ['that was told of a loss', ['1-0 hello', '2-0', '5-0 reset', '6-0']],
    [
      'whose first events the ledger has lost',
      ['0-7 hello', '0-8', '9-0', '9-0 reset', '1-0 reset', ...ALL.slice(1)],
    ],
  ])('has no fault %s', (_, told) => {
    expect(streamFaults('bot', frames(...told), ALL)).toEqual([]);
  });

  it.each([
    ['with a gap', ['1-0 hello', '2-0', '5-0', '6-0'], 'bot: 1 events missing between 2-0 and 5-0'],
    ['with an event twice', ['2-0 hello', '2-1', '2-1', '5-0', '6-0'], 'bot: 2-1 after 2-1'],
    ['that goes back', ['2-1 hello', '5-0', '2-1', '5-0', '6-0'], 'bot: 2-1 after 5-0'],
    ['without its end', ['1-0 hello', '2-0', '2-1'], 'bot: the last 2 events missing'],
    [
      'that begins late after a break',
      ['1-0 hello', '2-0', '5-0 hello', '6-0'],
      'bot: 2 events missing between 2-0 and 6-0',
    ],
  ])('has a fault %s', (_, told, why) => {
    expect(streamFaults('bot', frames(...told), ALL)).toEqual([why]);
  });
});
