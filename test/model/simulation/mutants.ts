/**
 * Protocols broken on purpose, each in one way that worksteal rules out: the simulation must detect every
 * one.
 */
import type { Broker } from '../../../src/broker/port.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Mutant } from './scene.ts';

/** Room moves when the broker took the DELETE, not when the order has ended (I4). */
function endsOnRequest(broker: Broker): Broker {
  const asked = new Set<string>();
  return {
    ...broker,
    async cancel(brokerId, signal) {
      const answer = await broker.cancel(brokerId, signal);
      if (answer.kind === 'accepted') asked.add(brokerId);
      return answer;
    },
    async order(id, signal) {
      const answer = await broker.order(id, signal);
      if (answer.kind !== 'found' || answer.order.state !== 'live' || !asked.has(answer.order.brokerId))
        return answer;
      return { kind: 'found', order: { ...answer.order, state: 'cancelled' } };
    },
  };
}

/** A cancellation is taken from the outbox before it is carried out (I9). */
function takesFromOutbox(ledger: Ledger): Ledger {
  const redis = new Proxy(ledger.redis, {
    get(target, name) {
      if (name !== 'xrange') return Reflect.get(target, name);
      return async (...args: [string, string, string]) => {
        const entries = await target.xrange(...args);
        for (const [id] of entries) await target.xdel(key(ledger.account, 'outbox'), id);
        return entries;
      };
    },
  });
  return { ...ledger, redis };
}

/** Commands of one script get other arguments, or another answer. */
function altering(
  script: string,
  alter: (run: Ledger['run'], args: readonly (string | number)[]) => Promise<unknown>,
) {
  return (ledger: Ledger): Ledger => ({
    ...ledger,
    run: (name, args) => (name === script ? alter(ledger.run, args) : ledger.run(name, args)),
  });
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'room moves when the DELETE is accepted',
    broker: (broker, actor) => (actor.startsWith('worker') ? endsOnRequest(broker) : broker),
  },
  { name: 'an order is sent after its lease', frozen: true, stalled: 0.9, from: 400 },
  {
    name: 'a mark is held for a moment only',
    from: 505,
    ledger: altering('submit', (run, [id = '', , server = '']) => run('submit', [id, 1_000, server])),
  },
  { name: 'a lost ledger is opened at once', inFlightMs: 0, from: 1_280 },
  {
    name: 'nobody asks which server answers',
    ledger: (ledger) => ({
      ...ledger,
      serverId: async () => (await ledger.serverId()).replace(/^server-\d+/, 'server-1'),
    }),
  },
  {
    name: 'a cancellation leaves the outbox before it is done',
    ledger: (ledger, actor) => (actor.startsWith('worker') ? takesFromOutbox(ledger) : ledger),
  },
  { name: 'what a lost ledger calls never sent is believed', trusting: true, from: 2_030 },
  {
    name: 'positions are what the ledger thinks',
    ledger: altering('sync', (run, args) => run('sync', args.slice(0, 8))),
  },
];
