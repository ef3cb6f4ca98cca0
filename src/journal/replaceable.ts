/** Whether a journal may be begun under a name: whatever else has that name is left as it is. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkstealError } from '../domain/errors.ts';
import { unreadable } from '../domain/file-fault.ts';
import { shown } from '../domain/shown.ts';

const MAX_NAME_CHARACTERS = 1_000;
/** More than the first line of a journal has. */
const FIRST_BYTES = 4_096;

/**
 * Nothing under the name, an empty file, or a journal of any version: it may be moved or written over.
 * @throws WorkstealError `invalid` for a folder, what is no regular file, and a file of something else
 */
export function requireReplaceable(file: string): void {
  const found = foundAt(file);
  if (found === undefined) return;
  if (found.isDirectory())
    throw refusal(file, `is a folder; name the file to write, such as ${join(file, 'journal.jsonl')}`);
  if (!found.isFile()) throw refusal(file, 'is no regular file; name another one');
  if (found.size > 0 && !isJournal(firstLineOf(file)))
    throw refusal(file, 'is there and is no journal; name another file, or move this one away');
}

function foundAt(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function firstLineOf(file: string): string {
  const bytes = Buffer.alloc(FIRST_BYTES);
  try {
    const descriptor = openSync(file, 'r');
    try {
      const count = readSync(descriptor, bytes, 0, FIRST_BYTES, 0);
      return bytes.toString('utf8', 0, count).split('\n', 1)[0] ?? '';
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function isJournal(line: string): boolean {
  try {
    const { type, version } = (JSON.parse(line) ?? {}) as { type?: unknown; version?: unknown };
    return type === 'journal' && typeof version === 'number';
  } catch {
    return false;
  }
}

function refusal(file: string, what: string): WorkstealError {
  const name = shown(file, MAX_NAME_CHARACTERS);
  return new WorkstealError('invalid', `${name}: ${what}`, { field: 'file', value: name });
}
