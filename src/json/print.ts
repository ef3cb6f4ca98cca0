/** Prints the JSON of a command, one object a line, only after it was checked against its schema. */
import type { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { SCHEMA } from './fields.ts';

/**
 * The object as one line, `schema` first, the fields in the schema's order.
 * @param fields all but `schema`
 * @throws WorkstealError `bug` if they are not what the schema says
 */
export function jsonLine(document: z.ZodType, fields: object): string {
  // A checker that is compiled first pays off after many objects; a command prints one.
  return `${JSON.stringify(checked(document, fields, { jitless: true }))}\n`;
}

/**
 * The object itself, with `schema`.
 * @param fields all but `schema`
 * @param how whether the checker is compiled at the first object of the schema
 * @throws WorkstealError `bug` as above
 */
export function checked<T>(document: z.ZodType<T>, fields: object, how: { jitless?: boolean } = {}): T {
  const parsed = document.safeParse({ schema: SCHEMA, ...fields }, how);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'object'}: ${message}`);
  throw new WorkstealError(
    'bug',
    `this JSON is not what its schema says: ${faults.slice(0, 5).join('; ')}`,
    {},
    parsed.error,
  );
}
