/** Parts of the routes' schemas. Requests are closed objects; answers may gain fields. */
import { z } from 'zod';
import { PROBLEM, PROBLEM_TYPE, type ProblemCode, STATUS_OF } from './problem.ts';

/** Names an object in the OpenAPI document. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  const { description = '' } = schema;
  z.globalRegistry.add(schema, { id, description });
  return schema;
}

named('Problem', PROBLEM);

export const ACCOUNT = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe("the account's name");

/** The parameters of a path below `/v1/accounts/{account}`. */
export const accountParams = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ account: ACCOUNT, ...shape });

export const ID = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe('1 to 64 of A-Z, a-z, 0-9, _ and -');

/** An order, or `BOT--ID` with any id that a bot of the gateway gave it (src/ledger/bot-ids.ts). */
export const NAMED_ORDER = z
  .string()
  .regex(/^(?:[A-Za-z0-9_-]{1,64}|[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*--[\s\S]{1,128})$/)
  .max(160)
  .describe("1 to 64 of A-Z, a-z, 0-9, _ and -; or a bot's name, --, and the id that the bot gave");

/** A list without the version of the CLI's contract: the path has the API's. */
export function withoutVersion<Shape extends z.ZodRawShape>(id: string, document: z.ZodObject<Shape>) {
  const { schema: _, ...shape } = document.shape as z.ZodRawShape;
  return named(id, z.strictObject(shape as Omit<Shape, 'schema'>).describe(document.description ?? ''));
}

/** Any route can fail so. */
const ALWAYS: readonly ProblemCode[] = ['invalid', 'too_large', 'too_many_requests', 'forbidden', 'bug'];
/** A route that needs a token and an account, besides. */
const OF_ACCOUNT: readonly ProblemCode[] = [
  'unauthenticated',
  'unknown',
  'unavailable',
  'damaged',
  'timeout',
];

type Answers = Readonly<Record<number, z.ZodType>>;

function problems(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy([...new Set(codes)], (code) => STATUS_OF[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      { description: some.join(', '), content: { [PROBLEM_TYPE]: { schema: PROBLEM } } },
    ]),
  );
}

/** The answers of a route outside of the accounts. */
export function openAnswers<A extends Answers>(answers: A, ...codes: readonly ProblemCode[]): A {
  return { ...problems([...ALWAYS, ...codes]), ...answers };
}

/** The answers of a route of an account. */
export function answers<A extends Answers>(answers: A, ...codes: readonly ProblemCode[]): A {
  return { ...problems([...ALWAYS, ...OF_ACCOUNT, ...codes]), ...answers };
}
