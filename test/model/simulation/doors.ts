/** An actor's access to ledger and broker during one life: every request is a message of the world. */
import type { Redis } from 'ioredis';
import type { Broker } from '../../../src/broker/port.ts';
import { WorkstealError } from '../../../src/domain/errors.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { NO_TRACING } from '../../../src/tracing/tracing.ts';
import type { ModelBroker } from './broker.ts';
import type { Server } from './server.ts';
import type { Life, World } from './world.ts';

export const REQUEST_TIMEOUT_MS = 3_000;
const COMMAND_TIMEOUT_MS = 5_000;
/** How often a submission waits before it leaves, and how long at most. */
const STALLED = 0.25;
const STALL_MS = 50_000;

/** A client of the ledger's. A command carries the id of the server that it was sent to. */
export function ledgerDoor(world: World, server: Server, life: Life): Ledger {
  const request = (label: string) => ({ kind: 'ledger', label, limitMs: COMMAND_TIMEOUT_MS }) as const;
  const fail = (): never => {
    throw new WorkstealError('unavailable', 'no answer');
  };
  const redis = new Proxy(server.ledger.redis, {
    get(target, name) {
      const read = (target as unknown as Record<string | symbol, (...args: unknown[]) => Promise<unknown>>)[
        name
      ];
      if (typeof name === 'symbol' || typeof read !== 'function') return read;
      return (...args: unknown[]) => {
        const what = args.slice(0, 1).map((text) => String(text).split('}:').at(-1));
        return world.ask(life, request(`${name} ${what}`), () => read.apply(target, args), fail);
      };
    },
  });
  return {
    account: server.ledger.account,
    redis: redis as Redis,
    tracing: NO_TRACING,
    functions: undefined,
    run: (script, args) =>
      world.ask(life, request(`${script} ${args[0] ?? ''}`.trim()), () => server.run(script, args), fail),
    serverId: async () => server.id,
    close: async () => {},
  };
}

/** @param stalled how often a submission waits before it leaves: a share */
export function brokerDoor(world: World, broker: ModelBroker, life: Life, stalled = STALLED): Broker {
  const request = (label: string) => ({ kind: 'broker', label, limitMs: REQUEST_TIMEOUT_MS }) as const;
  const unknown = (): { kind: 'unknown'; message: string } => ({ kind: 'unknown', message: 'no answer' });
  const unclear = (): never => {
    throw new WorkstealError('unclear', 'no answer');
  };
  const equity = {
    number: 'PA1',
    equityMicros: 1_000_000_000,
    buyingPowerMicros: 0,
    cashBuyingPowerMicros: 0,
    shut: '',
    shorting: true,
    multiplier: null,
  };
  return {
    account: () => world.ask(life, request('GET account'), () => equity, unclear),
    positions: () => world.ask(life, request('GET positions'), () => broker.held(), unclear),
    openOrders: () => world.ask(life, request('GET orders'), () => broker.live(), unclear),
    endedOrders: () => world.ask(life, request('GET ended orders'), () => broker.ended(), unclear),
    order: (id) => world.ask(life, request(`GET ${id}`), () => broker.order(id), unknown),
    orderByBrokerId: (id) => world.ask(life, request(`GET ${id}`), () => broker.order(id.slice(2)), unknown),
    cancel: (id) => world.ask(life, request(`DELETE ${id}`), () => broker.cancel(id), unknown),
    async submit(order, _signal, mayLeave) {
      // It waits for a slot and a connection, or its process is stopped.
      if (!world.calm)
        await world.sleep(
          life,
          world.chance(stalled) ? world.below(world.chance(0.5) ? STALL_MS : STALL_MS / 4) : 0,
          `may POST ${order.id}`,
        );
      if (mayLeave?.() === false) return { kind: 'refused', why: 'not_sent', message: 'too late' };
      return await world.ask(life, request(`POST ${order.id}`), () => broker.submit(order), unknown);
    },
    asset: async () => ({ kind: 'unknown', message: 'nobody asks' }),
    quotes: async () => [],
    lastTrades: async () => [],
    calendar: async () => [],
    follow: async () => {},
  };
}
