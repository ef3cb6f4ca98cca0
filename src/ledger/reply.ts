/**
 * The one place where a script's reply is decoded: `[outcome, field, value, field, value, ...]`, all text.
 * The outcomes `invalid` and `contradiction` become errors; any other must be in the command's own list.
 */
import { assert, WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';

export type Fields = Readonly<Record<string, string>>;
export type Reply<Outcome extends string> = { readonly outcome: Outcome; readonly fields: Fields };

/**
 * @throws WorkstealError `invalid` with the argument's name, `contradiction`, or `bug` for an outcome that is
 *   not in `outcomes`.
 */
export function decode<Outcome extends string>(
  command: string,
  outcomes: readonly Outcome[],
  raw: unknown,
): Reply<Outcome> {
  assert(Array.isArray(raw) && typeof raw[0] === 'string', `${command} replied ${JSON.stringify(raw)}`);
  const [outcome, ...rest] = raw as string[];
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < rest.length; i += 2) fields[rest[i] as string] = String(rest[i + 1]);
  if (outcome === 'invalid') {
    const { field = '', value = '', expected = '' } = fields;
    throw new WorkstealError('invalid', `${command}: ${field} "${shown(value)}" should be ${expected}`, {
      ...fields,
      command,
    });
  }
  if (outcome === 'contradiction') {
    throw new WorkstealError(
      'contradiction',
      `${command}: ${fields['order'] ?? ''} ${fields['message'] ?? ''}`,
      { ...fields, command },
    );
  }
  assert((outcomes as readonly string[]).includes(outcome as string), `${command} replied ${outcome}`);
  return { outcome: outcome as Outcome, fields };
}

/** An integer field of a reply. @throws WorkstealError `bug` when it is missing or not a safe integer */
export function numberOf(fields: Fields, name: string): number {
  const value = Number(fields[name]);
  assert(fields[name] !== undefined && Number.isSafeInteger(value), `reply field ${name} is ${fields[name]}`);
  return value;
}

/** A list field of a reply: `a;b` -> `['a', 'b']`; missing or empty -> `[]`. */
export function listOf(fields: Fields, name: string): string[] {
  const text = fields[name] ?? '';
  return text === '' ? [] : text.split(';');
}
