/**
 * Confirms at the broker what is held of a symbol, for an exit. The ledger admits the exit by that answer
 * (lua/include/holdings.lua). Callers that ask at the same time share one request.
 */
import type { Broker, BrokerPosition } from '../broker/port.ts';
import { fromNanos, toNanos } from '../domain/decimal.ts';
import type { Side } from '../domain/order.ts';
import { readClock } from '../ledger/clock-reading.ts';
import { confirm, type Holding } from '../ledger/commands/confirm.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readSide } from '../ledger/sides.ts';

const BROKER_TIMEOUT_MS = 5_000;

/** `startedMs`: the ledger's health time before the broker was asked. */
type Answer = { startedMs: number; positions: readonly BrokerPosition[] };

export class HeldAtBroker {
  readonly #ledger: Ledger;
  readonly #broker: Pick<Broker, 'positions'>;
  #underWay: Promise<Answer> | undefined;

  constructor(ledger: Ledger, broker: Pick<Broker, 'positions'>) {
    this.#ledger = ledger;
    this.#broker = broker;
  }

  /**
   * Nanos of the symbol that the broker holds; negative for a short position.
   * @throws WorkstealError `unclear`, `refused` when the broker gives no answer, `unavailable` when Redis
   *   does not
   */
  async confirm(symbol: string): Promise<bigint> {
    const { side, qty } = await this.#look(symbol);
    return side === 'short' ? -toNanos(qty) : toNanos(qty);
  }

  /**
   * Nanos that an order of this side could close: of the position at the broker, what no order there holds,
   * less the exits that have their reservation and may not be there yet. As `confirm`.
   */
  async freeFor(symbol: string, side: Side): Promise<bigint> {
    const position = await this.#look(symbol);
    if (position.side !== (side === 'sell' ? 'long' : 'short')) return 0n;
    const exits = (await readSide(this.#ledger, symbol, side)).filter(
      ({ kind, state }) => kind === 'exit' && state === 'reserved',
    );
    return exits.reduce((free, { qty }) => free - toNanos(qty), toNanos(position.free));
  }

  async #look(symbol: string): Promise<Holding> {
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = undefined;
    });
    const { startedMs, positions } = await this.#underWay;
    const holding = holdingOf(symbol, positions);
    await confirm(this.#ledger, holding, startedMs);
    return holding;
  }

  async #ask(): Promise<Answer> {
    const { healthMs } = await readClock(this.#ledger);
    return {
      startedMs: healthMs,
      positions: await this.#broker.positions(AbortSignal.timeout(BROKER_TIMEOUT_MS)),
    };
  }
}

/** The position of one symbol, in the form that the ledger takes. */
export function holdingOf(symbol: string, positions: readonly BrokerPosition[]): Holding {
  const position = positions.find((one) => one.symbol === symbol);
  const held = toNanos(position?.qty ?? '0');
  const qty = held < 0n ? -held : held;
  const free = toNanos(position?.availableQty ?? fromNanos(qty));
  const side = held === 0n ? 'none' : held > 0n ? 'long' : 'short';
  return { symbol, side, qty: fromNanos(qty), free: fromNanos(free < qty ? free : qty) };
}
