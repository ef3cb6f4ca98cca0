/** Who asks for something, for the record: `--by`, by default the user of this host. */
import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { WorkstealError } from '../../domain/errors.ts';
import { shown } from '../../domain/shown.ts';

const PERSON = /^[\w.@+-]{1,64}$/;

/** Adds `--by` to a command. */
export function withPerson(command: Command): Command {
  return command.option('--by <who>', 'who asks, for the record (default: user@host)');
}

/** @throws WorkstealError `invalid` for a name that the ledger does not take */
export function personOf(by: string | undefined): string {
  if (by === undefined) return `${user()}@${hostname()}`.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64);
  if (PERSON.test(by)) return by;
  throw new WorkstealError(
    'invalid',
    `--by: "${shown(by)}" is not 1 to 64 of A-Z, a-z, 0-9, . _ @ + and -; for example alice@ops-1`,
    { field: 'by', value: by.slice(0, 64) },
  );
}

/** A container may run under a user id that has no name. */
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
