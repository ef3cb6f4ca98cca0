/** GETs that the broker answers: asked with the broker's keys, within the account's budget of requests. */
import { z } from 'zod';
import { AlpacaError } from '../alpaca-server/errors.ts';
import type { PassRequest } from '../broker/port.ts';
import type { Gateway } from './gateway.ts';
import { away } from './refusals.ts';

const ERROR_BODY = z.object({ code: z.number().optional(), message: z.string().optional() });

export type Query = Readonly<Record<string, string>>;

/**
 * The body of the broker's answer.
 * @param absent statuses for which it is undefined
 * @throws AlpacaError the broker's own; 503 without an answer
 */
export async function ask(
  { broker, requestTimeoutMs }: Gateway,
  path: string,
  query: Query = {},
  absent: readonly number[] = [],
  host: PassRequest['host'] = 'trading',
): Promise<unknown> {
  const answer = await broker.pass({ host, path, query }, AbortSignal.timeout(2 * requestTimeoutMs));
  if (answer.kind === 'unknown') throw away(`the broker did not answer: ${answer.message}`);
  if (answer.status === 200) return answer.body;
  if (absent.includes(answer.status)) return undefined;
  const { code = answer.status * 100_000, message = 'the broker refused it' } =
    ERROR_BODY.safeParse(answer.body).data ?? {};
  throw new AlpacaError(answer.status, code, message);
}
