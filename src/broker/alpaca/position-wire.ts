/**
 * Turns Alpaca's positions into the port's. A position counts at its cost or, where Alpaca gives none, at the
 * first of these that it gives: quantity x entry price, market value, quantity x current price. A position
 * without any of them becomes an oddity with its symbol.
 */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { dollarsToMicros, type Micros, notionalMicros } from '../../domain/money.ts';
import { fromBrokerSymbol } from '../../domain/symbol.ts';
import type { BrokerPosition, Oddity } from '../port.ts';
import { clip, maybeAmount, times, unsigned, wholeOf } from './amounts.ts';
import { unitOf } from './units.ts';
import { decode } from './wire.ts';

const maybe = maybeAmount.catch(null);

const PositionWire = z.object({
  symbol: z.string().min(1).max(64),
  qty: maybe,
  qty_available: maybe,
  side: z.string().max(16).nullish().catch(null),
  asset_class: z.string().max(32).nullish().catch(null),
  multiplier: maybe,
  cost_basis: maybe,
  avg_entry_price: maybe,
  market_value: maybe,
  current_price: maybe,
});
type Wire = z.output<typeof PositionWire>;

/** Stands for an unknown quantity: above 0, and too small for any order to use. */
const SOME = '0.000000001';

function toPosition(wire: Wire): BrokerPosition {
  const size = wire.qty === null ? SOME : clip(unsigned(wire.qty), 'away');
  const short = wire.side?.toLowerCase() === 'short' || (wire.qty ?? '').startsWith('-');
  return {
    symbol: fromBrokerSymbol(wire.symbol),
    qty: short ? `-${size}` : size,
    ...(wire.qty_available === null ? {} : { availableQty: clip(unsigned(wire.qty_available), 'toward') }),
    costMicros: costOf(wire, wire.qty === null ? undefined : size),
    avgEntryPrice: clip(unsigned(wire.avg_entry_price ?? '0'), 'away'),
    assetClass: wire.asset_class?.startsWith('crypto') ? 'crypto' : 'stock',
  };
}

/**
 * The cost in dollars, whatever the unit: Alpaca's costs and values are in dollars. `size` undefined: the
 * quantity is unknown.
 */
function costOf(wire: Wire, size: string | undefined): Micros {
  const dollars = (text: string): Micros => dollarsToMicros(clip(unsigned(text), 'away'), 'up');
  const unit = unitOf(wire.symbol, wire.asset_class ?? '', wholeOf(wire.multiplier));
  if (wire.cost_basis !== null) return dollars(wire.cost_basis);
  const price = wire.avg_entry_price ?? wire.current_price;
  const isPriced = size !== undefined && price !== null && unit.currency === undefined;
  if (wire.market_value !== null && (!isPriced || wire.avg_entry_price === null))
    return dollars(wire.market_value);
  if (isPriced) return notionalMicros(times(unsigned(price), unit.multiplier), size);
  if (unit.currency !== undefined)
    throw new WorkstealError(
      'unclear',
      `it is priced in ${unit.currency}, and its cost in dollars is unknown`,
    );
  throw new WorkstealError('unclear', 'its cost and its value are unknown');
}

const PositionAnswer = PositionWire.transform(toPosition);

/** One item of the list. */
export function readPosition(told: unknown): { position: BrokerPosition } | { oddity: Oddity } {
  const decoded = decode(PositionAnswer, told);
  if (decoded.kind === 'read') return { position: decoded.value };
  const named = z.object({ symbol: z.string().max(64) }).safeParse(told).data?.symbol ?? '';
  const why = decoded.fault.replaceAll(/\s+/g, ' ').replaceAll(/[✖→]\s*/g, '');
  return {
    oddity: { what: 'position', id: '', brokerId: '', symbol: named, why, counts: false, isLive: true },
  };
}
