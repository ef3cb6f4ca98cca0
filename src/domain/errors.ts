/**
 * The one error class. `code` is a closed list. `next` says what the system or its user should do next.
 * `details` maps the name of each offending field to its value.
 */

const CATALOGUE = {
  /** An invalid argument. Nothing was changed. */
  invalid: { retriable: false, next: 'correct what the message names' },
  /** A message that contradicts what the ledger already knows for sure (I6). Nothing was changed. */
  contradiction: { retriable: false, next: 'reconcile the account with the broker' },
  /** The command names an order, steal or plan that the ledger does not hold. */
  unknown: {
    retriable: false,
    next: 'check the id and the account; `worksteal orders`, `plans` and `steals` list what there is',
  },
  /**
   * Redis did not answer; whether the command was applied is not known. Every command may be sent again (I6).
   */
  unavailable: { retriable: true, next: 'send the same command again' },
  /**
   * A command failed because a key of the ledger is missing or malformed. The account stays closed until its
   * keeper has rebuilt the book.
   */
  damaged: {
    retriable: true,
    next: "wait until the account's keeper has rebuilt the ledger from the broker",
  },
  /** The broker refused the request. */
  refused: { retriable: false, next: "see the broker's message" },
  /** The broker does not accept the keys. */
  keys: { retriable: false, next: 'set the API key and secret of an account at this broker address' },
  /**
   * The API keys belong to a different account than the ledger, or the account has a ledger under another
   * name.
   */
  account: {
    retriable: false,
    next: "set the API keys of the ledger's own account; `worksteal status` names it",
  },
  /** No clear answer from the broker: the request may or may not have been carried out. */
  unclear: { retriable: true, next: 'ask the broker about the order before sending again' },
  /** A wait exceeded its time limit. */
  timeout: { retriable: true, next: 'try again' },
  /** A setting or a combination of settings that can't work. */
  settings: { retriable: false, next: 'correct the settings named in the message' },
  /** Something this program needs is not on the machine. */
  missing: { retriable: false, next: 'install what the message names' },
  /** A fault of this program: an assertion failed. */
  bug: { retriable: false, next: 'report it, with the log' },
} as const;

/**
 * - `invalid`: an argument. `contradiction`: it contradicts what the ledger knows. `unknown`: the ledger does
 *   not hold it. `unavailable`: Redis did not answer. `damaged`: the ledger is damaged, and is rebuilt.
 * - `refused`: the broker refused the request. `keys`: it does not accept the keys. `account`: the keys are
 *   of another account. `unclear`: no clear answer from the broker. `timeout`: a wait took too long.
 * - `settings`: settings that can't work. `missing`: something is not on the machine. `bug`: a fault here.
 */
export type ErrorCode = keyof typeof CATALOGUE;

/**
 * Every error of this program. `code`: one of a closed list. `retriable`: whether to send the same again; it
 * is then never done twice. `next`: what to do. `details`: each offending field with its value.
 */
export class WorkstealError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly next: string;
  readonly details: Readonly<Record<string, string>>;

  /** @param next what to do, where the message's case needs other words than its code's */
  constructor(
    code: ErrorCode,
    message: string,
    details: Record<string, string> = {},
    cause?: unknown,
    next: string = CATALOGUE[code].next,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WorkstealError';
    this.code = code;
    this.retriable = CATALOGUE[code].retriable;
    this.next = next;
    this.details = details;
  }
}

/** An assertion that stays on. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new WorkstealError('bug', `assertion failed: ${message}`);
}
