/**
 * Confirms at the broker what is held of a symbol, for an exit. The ledger admits the exit by that answer
 * (lua/include/holdings.lua). Plans that ask at the same time share one request.
 */
import type { Broker, BrokerPosition } from '../../broker/port.ts';
import { fromNanos, toNanos } from '../../domain/decimal.ts';
import { readClock } from '../../ledger/clock-reading.ts';
import { confirm, type Holding } from '../../ledger/commands/confirm.ts';
import type { Ledger } from '../../ledger/ledger.ts';

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
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = undefined;
    });
    const { startedMs, positions } = await this.#underWay;
    const holding = holdingOf(symbol, positions);
    await confirm(this.#ledger, holding, startedMs);
    return holding.side === 'short' ? -toNanos(holding.qty) : toNanos(holding.qty);
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
