/**
 * The one error class. `code` is a closed list; `next` says what the system or its user does next; `details`
 * holds the offending value under its name.
 */

const CATALOGUE = {
  /** An argument that can't be taken. Nothing was changed. */
  invalid: { retriable: false, next: 'correct the named field' },
  /** A message that contradicts what the ledger already knows for sure (I6). Nothing was changed. */
  contradiction: { retriable: false, next: 'reconcile the account with the broker' },
  /** The command names an order, steal or plan that the ledger does not hold. */
  unknown: {
    retriable: false,
    next: 'check the id and the account (WORKSTEAL_ACCOUNT); a lost ledger is rebuilt by its keeper',
  },
  /**
   * Redis did not answer; whether the command was applied is not known. Every command may be sent again (I6).
   */
  unavailable: { retriable: true, next: 'send the same command again' },
  /**
   * A key of the ledger is missing or odd, and a command failed over it. The account is closed until its
   * keeper has rebuilt the book.
   */
  damaged: {
    retriable: true,
    next: "wait until the account's keeper has rebuilt the ledger from the broker",
  },
  /** The broker said no. */
  refused: { retriable: false, next: "see the broker's message" },
  /** The broker does not accept the keys. */
  keys: { retriable: false, next: 'give the key and the secret of one account at this address' },
  /**
   * The keys are of another account than the ledger is kept for, or the account is kept under another name.
   */
  account: {
    retriable: false,
    next: 'give the keys of the account that the ledger is kept for; `worksteal status` names it',
  },
  /** The broker did not say: the request may or may not have been carried out. */
  unclear: { retriable: true, next: 'ask the broker about the order before sending again' },
  /** A wait passed its limit. */
  timeout: { retriable: true, next: 'try again' },
  /** A setting or a combination of settings that can't work. */
  settings: { retriable: false, next: 'correct the settings named in the message' },
  /** Something this program needs is not on the machine. */
  missing: { retriable: false, next: 'install what the message names' },
  /** A fault of this program: an assertion failed. */
  bug: { retriable: false, next: 'report it, with the log' },
} as const;

export type ErrorCode = keyof typeof CATALOGUE;

export class WorkstealError extends Error {
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly next: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, details: Record<string, string> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WorkstealError';
    this.code = code;
    this.retriable = CATALOGUE[code].retriable;
    this.next = CATALOGUE[code].next;
    this.details = details;
  }
}

/** An assertion that stays on. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new WorkstealError('bug', `assertion failed: ${message}`);
}
