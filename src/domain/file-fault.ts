/** Why a file or a folder can't be read or written, in words, by the system's code. */
import { WorkstealError } from './errors.ts';
import { shown } from './shown.ts';

/** A longer name is cut in messages. */
const MAX_NAME_CHARACTERS = 1_000;

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user is not permitted to read it',
  EPERM: 'this user is not permitted to read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is not a folder',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'this process has too many files open',
};

/** The rest of a sentence such as "plans.csv: cannot be read (…)". */
export function fileFault(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return WORDS[code] ?? message;
}

/** The refusal of a file that can't be read, `invalid`: its name, shortened, and why. */
export function unreadable(name: string, error: unknown): WorkstealError {
  const file = shown(name, MAX_NAME_CHARACTERS);
  const why = `${file}: cannot be read (${fileFault(error)})`;
  return new WorkstealError('invalid', why, { field: 'file', value: file }, error);
}

const WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EACCES: 'this user is not permitted to write there',
  EPERM: 'this user is not permitted to write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** The refusal of a file that can't be written, as `unreadable`. */
export function unwritable(name: string, error: unknown): WorkstealError {
  const file = shown(name, MAX_NAME_CHARACTERS);
  const { code = '' } = error as NodeJS.ErrnoException;
  const why = `${file}: cannot be written (${WRITING[code] ?? fileFault(error)})`;
  return new WorkstealError('invalid', why, { field: 'file', value: file }, error);
}
