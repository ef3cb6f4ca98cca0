/** The server's type, and what a route of an account gets from its request. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { assert } from '../domain/errors.ts';
import type { AccountDoor } from './account-door.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that the path names; null outside of `/v1/accounts`. */
    accountDoor: AccountDoor | null;
  }
}

/** A server whose routes have zod schemas. */
export type Api = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The account of a request below `/v1/accounts/{account}`. */
export function doorOf({ accountDoor }: { accountDoor: FastifyRequest['accountDoor'] }): AccountDoor {
  assert(accountDoor !== null, 'a route outside of the accounts asked for its account');
  return accountDoor;
}
