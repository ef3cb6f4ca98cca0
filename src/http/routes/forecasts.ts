/** Filed forecasts: what a bot's orders at a gateway count, where they bring none of their own. */
import { z } from 'zod';
import { toSymbol } from '../../domain/symbol.ts';
import { fileForecast, listForecasts, MAX_FORECASTS, removeForecast } from '../../ledger/filed-forecasts.ts';
import { type Api, doorOf } from '../api.ts';
import { callerOf, requireOwn } from '../auth.ts';
import { PAGE_ANSWER, PAGE_QUERY, pageOf } from '../listing.ts';
import { accountParams, answers, named } from '../schema.ts';
import { PNL, PROBABILITY, SIDE, SYMBOL } from '../terms.ts';

const STRATEGY = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe("whose forecasts: the name of a token, which a bot's key pair names as its strategy");
const EXPIRES = 'ms since 1970, ledger time, from which on it counts no more';

const BODY = z
  .strictObject({
    pnl: PNL,
    fillProbability: PROBABILITY.default('1'),
    expiresAtMs: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .default(0)
      .describe(`${EXPIRES}; 0: until it is removed, or its strategy filed none for 30 days`),
  })
  .describe('A forecast.');

const NAME = { strategy: STRATEGY, symbol: SYMBOL, side: SIDE };
const FILED = named(
  'ForecastFiled',
  z
    .strictObject({
      outcome: z
        .enum(['filed', 'replaced', 'exists'])
        .describe('replaced: another one was filed before; exists: the same'),
      ...NAME,
    })
    .describe('The forecast is on record.'),
);
const REMOVED = named(
  'ForecastRemoved',
  z
    .strictObject({
      outcome: z.enum(['removed', 'none']).describe('none: there was no such forecast'),
      ...NAME,
    })
    .describe('There is no such forecast any more.'),
);
const LIST = named(
  'Forecasts',
  z
    .strictObject({
      forecasts: z
        .array(
          z.object({
            symbol: z.string().describe("the ledger's spelling"),
            side: SIDE,
            pnl: z.string().describe('decimal, USD'),
            fillProbability: z.string().describe('decimal from 0 to 1: that its limit trades'),
            expiresAtMs: z.int().describe(`${EXPIRES}; 0: never by itself`),
            over: z.boolean().describe('whether it counts no more'),
          }),
        )
        .describe('the page'),
      ...PAGE_ANSWER,
    })
    .describe('Forecasts of a strategy, by symbol and side.'),
);
const PARAMS = accountParams(NAME);

export function forecastRoutes(api: Api): void {
  api.get(
    '/forecasts/:strategy',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Forecasts that a strategy has filed for the orders of its bots at a gateway',
        params: accountParams({ strategy: STRATEGY }),
        querystring: z.strictObject(PAGE_QUERY),
        response: answers({ 200: LIST }),
      },
    },
    async (request) => {
      const all = await listForecasts(doorOf(request).ledger, request.params.strategy);
      const { items, ...rest } = pageOf(all, ({ symbol, side }) => [symbol, side], request.query);
      return { forecasts: items, ...rest };
    },
  );
  api.put(
    '/forecasts/:strategy/:symbol/:side',
    {
      config: { scope: 'trade' },
      schema: {
        summary: `File a forecast, or another in its place; a strategy has at most ${MAX_FORECASTS}`,
        params: PARAMS,
        body: BODY,
        response: answers({ 200: FILED, 201: FILED }),
      },
    },
    async (request, reply) => {
      const name = nameOf(request.params);
      requireOwn(callerOf(request), name.strategy, `the strategy ${name.strategy}`);
      const outcome = await fileForecast(doorOf(request).ledger, name, request.body);
      return await reply.code(outcome === 'filed' ? 201 : 200).send({ outcome, ...name });
    },
  );
  api.delete(
    '/forecasts/:strategy/:symbol/:side',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Remove a forecast',
        params: PARAMS,
        response: answers({ 200: REMOVED }),
      },
    },
    async (request) => {
      const name = nameOf(request.params);
      requireOwn(callerOf(request), name.strategy, `the strategy ${name.strategy}`);
      return { outcome: await removeForecast(doorOf(request).ledger, name), ...name };
    },
  );
}

/** The symbol in the ledger's spelling. */
function nameOf({ strategy, symbol, side }: z.output<typeof PARAMS>) {
  return { strategy, symbol: toSymbol(symbol), side };
}
