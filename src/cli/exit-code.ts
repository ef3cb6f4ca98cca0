/** The exit codes of all commands (docs/json.md). `check` and `doctor` have their own: 2 if unknown. */
import { type ErrorCode, WorkstealError } from '../domain/errors.ts';

export const EXIT = {
  /** Done; the account is well. */
  well: 0,
  /** Not well, refused, or a bug. */
  notWell: 1,
  /** Wrong arguments or settings: nothing was done. */
  usage: 2,
  /** No such account, order, plan or steal. */
  notFound: 3,
  /** Redis, the broker or something on this machine is not available; try again. */
  unavailable: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid: EXIT.usage,
  settings: EXIT.usage,
  unknown: EXIT.notFound,
  unavailable: EXIT.unavailable,
  unclear: EXIT.unavailable,
  timeout: EXIT.unavailable,
  damaged: EXIT.unavailable,
  missing: EXIT.unavailable,
  contradiction: EXIT.notWell,
  refused: EXIT.notWell,
  keys: EXIT.notWell,
  account: EXIT.notWell,
  bug: EXIT.notWell,
};

/** The exit code of a command that failed with this error; any error but the project's own is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  return BY_ERROR[error instanceof WorkstealError ? error.code : 'bug'];
}

/** The codes of errors by exit code, for the page. */
export function errorsOf(code: ExitCode): ErrorCode[] {
  return (Object.keys(BY_ERROR) as ErrorCode[]).filter((error) => BY_ERROR[error] === code);
}
