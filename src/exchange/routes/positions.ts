/** /v2/positions: list, get, and close one or all at the market. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AlpacaError, notFound, unprocessable } from '../../alpaca-server/errors.ts';
import { isDecimal, toNanos } from '../../domain/decimal.ts';
import { toSymbol } from '../../domain/symbol.ts';
import type { Position } from '../account.ts';
import { positionJson } from '../account-json.ts';
import { abs } from '../amounts.ts';
import type { Exchange } from '../exchange.ts';
import { exchangeOf } from '../wire.ts';
import { cancelAll } from './orders.ts';

const params = z.object({ symbol: z.string() });
const part = z.string().refine((text) => isDecimal(text), 'must be a decimal with at most 9 decimals');
const closeQuery = z.object({ qty: part.optional(), percentage: part.optional() });
const closeAllQuery = z.object({ cancel_orders: z.enum(['true', 'false']).default('false') });

/** 100 percent, in nanos of a percent. */
const WHOLE = 100n * 1_000_000_000n;

export function positionRoutes(app: FastifyInstance): void {
  app.get('/v2/positions', (request) => {
    const exchange = exchangeOf(request);
    return exchange.reportedPositions().map((position) => positionJson(exchange, position));
  });

  app.get('/v2/positions/:symbol', (request) => {
    const exchange = exchangeOf(request);
    return positionJson(exchange, find(exchange, request.params));
  });

  app.delete('/v2/positions/:symbol', (request) => {
    const exchange = exchangeOf(request);
    const position = find(exchange, request.params);
    return close(exchange, position, partOf(position, closeQuery.parse(request.query)));
  });

  app.delete('/v2/positions', (request, reply) => {
    const exchange = exchangeOf(request);
    if (closeAllQuery.parse(request.query).cancel_orders === 'true') cancelAll(exchange);
    reply.code(207).send(exchange.reportedPositions().map((position) => closed(exchange, position)));
  });
}

function find(exchange: Exchange, asked: unknown): Position {
  const symbol = toSymbol(params.parse(asked).symbol);
  const position = exchange.reportedPositions().find((one) => one.symbol === symbol);
  if (!position) throw notFound('position does not exist');
  return position;
}

/** The quantity to close, in nanos: all, the given one, or a percentage. */
function partOf(position: Position, { qty, percentage }: z.infer<typeof closeQuery>): bigint {
  const held = abs(position.qtyNanos);
  if (qty !== undefined && percentage !== undefined)
    throw unprocessable('only one of qty and percentage can be given');
  const asked = qty !== undefined ? toNanos(qty) : (held * toNanos(percentage ?? '100')) / WHOLE;
  if (asked <= 0n || asked > held) throw unprocessable('qty must be above 0 and at most the position');
  return asked;
}

function close(exchange: Exchange, { symbol, qtyNanos }: Position, partNanos: bigint): object {
  return exchange.submit({
    clientId: randomUUID(),
    symbol,
    side: qtyNanos > 0n ? 'sell' : 'buy',
    type: 'market',
    timeInForce: exchange.asset(symbol)?.info.assetClass === 'crypto' ? 'gtc' : 'day',
    limitNanos: null,
    stopNanos: null,
    trail: null,
    qtyNanos: partNanos,
    notionalNanos: null,
    extendedHours: false,
  });
}

/** The result for one position of a close-all request: its order, or the refusal. */
function closed(exchange: Exchange, position: Position): object {
  const { symbol } = position;
  try {
    return { symbol, status: 200, body: close(exchange, position, abs(position.qtyNanos)) };
  } catch (error) {
    if (!(error instanceof AlpacaError)) throw error;
    return { symbol, status: error.status, body: error.body() };
  }
}
