/** What every command with --json prints instead of its own object when it fails. */
import { WorkstealError } from '../domain/errors.ts';
import { document, record, text } from './fields.ts';

let made: ReturnType<typeof makeSchema> | undefined;

/** Its schema, made at the first error: most commands have none, and all load this file. */
export function errorSchema(): ReturnType<typeof makeSchema> {
  made ??= makeSchema();
  return made;
}

function makeSchema() {
  return document('An error, of any command.', {
    error: record({
      code: text('one of the errors above'),
      message: text('what is wrong, and where'),
      next: text('what to do about it'),
    }).describe('the error'),
  });
}

/** Its fields. An error that is not the project's own is a bug. */
export function errorFields(error: unknown): { error: { code: string; message: string; next: string } } {
  if (error instanceof WorkstealError)
    return { error: { code: error.code, message: error.message, next: error.next } };
  return errorFields(new WorkstealError('bug', error instanceof Error ? error.message : String(error)));
}
