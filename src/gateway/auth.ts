/** Whose request is it? Every route needs a bot's key pair, in Alpaca's headers. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { tooManyRequests, unauthorized } from '../alpaca-server/errors.ts';
import { keysOf } from '../alpaca-server/server.ts';
import { assert } from '../domain/errors.ts';
import type { Bot, Bots } from './bots.ts';

const callers = new WeakMap<FastifyRequest, Bot>();

/** The bot of a request. */
export function botOf(request: FastifyRequest): Bot {
  const bot = callers.get(request);
  assert(bot !== undefined, `${request.url} was not authorized`);
  return bot;
}

/** Of one bot at this gateway; without valid keys, of one address. */
export type RequestLimits = { perSecond: number; perMinute: number };

/** Every answer to a bot says what is left of its minute, in Alpaca's headers; more than that is 429. */
export function addAuth(app: FastifyInstance, bots: Bots, { perSecond, perMinute }: RequestLimits): void {
  const burst = new RateLimiterMemory({ points: perSecond, duration: 1 });
  const minute = new RateLimiterMemory({ points: perMinute, duration: 60 });
  app.addHook('onRequest', async (request, reply) => {
    const { key, secret } = keysOf(request);
    const bot = bots.find(key, secret);
    const who = bot === undefined ? `address ${request.ip}` : `bot ${bot.name}`;
    const left = await minute.consume(who).catch(refusedBy);
    const resetSeconds = Math.ceil((Date.now() + left.msBeforeNext) / 1_000);
    reply.headers({
      'X-RateLimit-Limit': perMinute,
      'X-RateLimit-Remaining': left.remainingPoints,
      'X-RateLimit-Reset': resetSeconds,
    });
    if (left.consumedPoints > perMinute) throw tooManyRequests();
    await burst.consume(who).catch(() => {
      throw tooManyRequests();
    });
    if (bot === undefined) throw unauthorized();
    callers.set(request, bot);
  });
}

/** The limiter rejects with its numbers. */
function refusedBy(refusal: unknown): RateLimiterRes {
  if (refusal instanceof RateLimiterRes) return refusal;
  throw refusal;
}
