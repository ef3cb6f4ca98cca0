/** A browser exchanges its token for a cookie, and gives it back. */

import { z } from 'zod';
import type { Api } from '../api.ts';
import { callerOf, cookieOf } from '../auth.ts';
import { HttpError } from '../problem.ts';
import { named, openAnswers } from '../schema.ts';
import type { Sessions } from '../sessions.ts';
import { SCOPES } from '../token-file.ts';
import type { Token, Tokens } from '../tokens.ts';

export type SessionParts = {
  tokens: Tokens;
  sessions: Sessions;
  cookieName: () => string;
  /** Of this server. */
  accounts: readonly string[];
};

const BODY = z.strictObject({ token: z.string().min(1).max(200).describe('a token of this server') });
const SESSION = named(
  'Session',
  z
    .strictObject({
      name: z.string().describe("the token's name"),
      scope: z.enum(SCOPES).describe('what it may do; each scope includes those before it'),
      accounts: z.array(z.string()).describe('the accounts that it reaches'),
      lifeMs: z.int().describe('ms; how long the cookie is valid'),
    })
    .describe('A session, whose cookie was set.'),
);
const CALLER = named(
  'Caller',
  z
    .strictObject({ name: SESSION.shape.name, scope: SESSION.shape.scope, accounts: SESSION.shape.accounts })
    .describe('Whose token or session it is, and what it may do.'),
);

export function sessionRoutes(api: Api, { tokens, sessions, cookieName, accounts }: SessionParts): void {
  const config = { scope: 'none' } as const;
  const cookie = (id: string, lifeMs: number, isTls: boolean): string =>
    `${cookieName()}=${id}; Path=/; Max-Age=${Math.floor(lifeMs / 1_000)}; HttpOnly; SameSite=Strict` +
    (isTls ? '; Secure' : '');
  const reached = (token: Token): string[] =>
    accounts.filter((one) => token.accounts.length === 0 || token.accounts.includes(one));
  api.get(
    '/v1/session',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Who asks, and what it may do',
        response: openAnswers({ 200: CALLER }, 'unauthenticated'),
      },
    },
    async (request) => {
      const token = callerOf(request);
      return { name: token.name, scope: token.scope, accounts: reached(token) };
    },
  );
  api.post(
    '/v1/session',
    {
      config,
      schema: {
        summary: 'Exchange a token for a cookie (HttpOnly, SameSite=Strict)',
        body: BODY,
        response: openAnswers({ 201: SESSION }, 'unauthenticated'),
      },
    },
    async (request, reply) => {
      const token = tokens.find(request.body.token);
      if (token === undefined)
        throw new HttpError('unauthenticated', 'the token is not valid, or was revoked');
      const { id, lifeMs } = sessions.begin(token);
      const { name, scope } = token;
      reply.header('set-cookie', cookie(id, lifeMs, request.headers.origin?.startsWith('https:') === true));
      return await reply.code(201).send({ name, scope, accounts: reached(token), lifeMs });
    },
  );
  api.delete(
    '/v1/session',
    {
      config,
      schema: {
        summary: 'End the session of the cookie',
        response: openAnswers({ 204: z.undefined().describe('ended, or there was none') }),
      },
    },
    async (request, reply) => {
      const id = cookieOf(request, cookieName());
      if (id !== undefined) sessions.end(id);
      reply.header('set-cookie', cookie('', 0, false));
      return await reply.code(204).send();
    },
  );
}
