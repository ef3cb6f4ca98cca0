/**
 * Who asks, and may they? Every route names its scope (`config.scope`), or `none`. A caller shows a token
 * (`Authorization: Bearer`), or a browser the cookie of its session.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { WorkstealError } from '../domain/errors.ts';
import { botIn } from '../ledger/bot-ids.ts';
import type { Origins } from './origins.ts';
import { HttpError } from './problem.ts';
import type { Sessions } from './sessions.ts';
import type { Scope } from './token-file.ts';
import { includes, type Token, type Tokens } from './tokens.ts';

export type RouteScope = Scope | 'none';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which scope a caller needs. */
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** The caller's token; null on a route that needs none. Streams end when its `revoked` aborts. */
    caller: Token | null;
  }
}

export type AuthParts = {
  tokens: Tokens;
  sessions: Sessions;
  origins: Origins;
  /** Of this server's cookie: two servers of one machine share their cookies. */
  cookieName: () => string;
  /** Requests per second of one token; without a token, of one address. */
  requestsPerSecond: number;
};

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Adds the checks before every route; a route without a scope is a fault of this program. */
export function addAuth(app: FastifyInstance, parts: AuthParts): void {
  const limiter = new RateLimiterMemory({ points: parts.requestsPerSecond, duration: 1 });
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.scope === undefined) throw new WorkstealError('bug', `the route ${url} names no scope`);
  });
  app.addHook('onRequest', async (request) => {
    const { host, origin } = request.headers;
    parts.origins.requireHost(host);
    const isWrite = WRITES.has(request.method);
    const bearer = bearerOf(request);
    const cookie = bearer === undefined ? cookieOf(request, parts.cookieName()) : undefined;
    if (isWrite) parts.origins.requireOrigin(origin, host, cookie !== undefined);
    const token =
      bearer !== undefined
        ? parts.tokens.find(bearer)
        : cookie !== undefined
          ? parts.sessions.find(cookie)
          : undefined;
    await requireCalm(limiter, token === undefined ? `address ${request.ip}` : `token ${token.name}`);
    const needed = request.routeOptions.config.scope ?? 'none';
    if (needed === 'none') return;
    if (token === undefined) throw unauthenticated(bearer ?? cookie);
    if (!includes(token.scope, needed))
      throw new HttpError(
        'forbidden',
        `this needs the scope ${needed}; the token ${token.name} has ${token.scope}`,
        {
          scope: needed,
        },
      );
    request.caller = token;
  });
}

/** The caller of a route that needs a scope. */
export function callerOf(request: FastifyRequest): Token {
  if (request.caller === null)
    throw new WorkstealError('bug', 'a route without a scope asked for its caller');
  return request.caller;
}

/** @throws HttpError `forbidden` if the caller's token is limited to other accounts */
export function requireAccount(token: Token, account: string): void {
  if (token.accounts.length === 0 || token.accounts.includes(account)) return;
  throw new HttpError('forbidden', `the token ${token.name} does not reach this account`, {
    field: 'account',
  });
}

/** The value of this server's cookie, if the request has one. */
export function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const all = (headers.cookie ?? '').split(';').map((one) => one.trim());
  return all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

function unauthenticated(shownSecret: string | undefined): HttpError {
  const why =
    shownSecret === undefined ? 'no token was sent' : 'the token or session is not valid, or was revoked';
  return new HttpError('unauthenticated', why);
}

async function requireCalm(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch {
    throw new HttpError('too_many_requests', `more than ${limiter.points} requests in a second`);
  }
}

/** Under which name a token holds orders in the ledger; no host has such a name by default. */
export function ownerOf({ name }: Token): string {
  return `api-${name}`;
}

/** @throws WorkstealError `contradiction` for an id that belongs to a bot of a gateway */
export function requireNoBots(id: string): void {
  const bot = botIn(id);
  if (bot === undefined) return;
  throw new WorkstealError(
    'contradiction',
    `${id}: ids that begin with ${bot}-- are those of the bot ${bot}`,
    { id },
    undefined,
    'choose an id without two hyphens in a row',
  );
}

/** The caller as the record of halts and cancellations names a person. */
export function personOf({ name }: Token): string {
  return `${name}@api`;
}

/**
 * A trade token changes only what it made; an admin token anything of its accounts.
 * @param owner the token's name that made it, as the ledger has it
 * @returns whether it is the caller's own
 * @throws HttpError `forbidden`
 */
export function requireOwn(caller: Token, owner: string, what: string): boolean {
  if (owner === caller.name) return true;
  if (includes(caller.scope, 'admin')) return false;
  throw new HttpError('forbidden', `${what} was not made with the token ${caller.name}`, { scope: 'admin' });
}
