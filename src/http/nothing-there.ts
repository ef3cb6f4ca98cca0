/** What is asked for in a path, and is not there. */
import { WorkstealError } from '../domain/errors.ts';

export function noRoute(): WorkstealError {
  const next = 'correct the method and the path; GET /v1/openapi.json lists the routes';
  return new WorkstealError('unknown', 'there is no such route', {}, undefined, next);
}

export function noAccount(): WorkstealError {
  const words = 'this server does not serve the account';
  const next =
    'correct the account in the path, or WORKSTEAL_ACCOUNT or WORKSTEAL_API_ACCOUNTS of the server';
  return new WorkstealError('unknown', words, { field: 'account' }, undefined, next);
}
