/**
 * The tokens that are valid now. The token file is read again when it changes; a file that is gone leaves no
 * token valid, one that can't be read keeps those of before and is reported.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { Verdict } from '../ops/readiness.ts';
import { followFile } from './follow-file.ts';
import { hashOf, readTokenFile, SCOPES, type Scope, type TokenRecord } from './token-file.ts';

/** `revoked` aborts when the token is taken back, or has other rights than before. */
export type Token = {
  readonly name: string;
  readonly scope: Scope;
  /** Empty: every account of the server. */
  readonly accounts: readonly string[];
  readonly revoked: AbortSignal;
};

type Kept = { record: TokenRecord; token: Token; end: AbortController };

/** May a token of this scope do what needs `needed`? */
export function includes(scope: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
}

export class Tokens {
  #kept: Kept[] = [];
  #trouble = '';

  /** Replaces all tokens. One that stays the same stays valid; any other ends. */
  set(records: readonly TokenRecord[]): void {
    const before = this.#kept;
    this.#kept = records.map((record) => before.find((kept) => isSame(kept.record, record)) ?? keep(record));
    for (const kept of before) if (!this.#kept.includes(kept)) kept.end.abort();
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** The token with this text. Compares with all of them, in constant time. */
  find(text: string): Token | undefined {
    const asked = Buffer.from(hashOf(text), 'hex');
    let found: Token | undefined;
    for (const { record, token } of this.#kept)
      if (timingSafeEqual(asked, Buffer.from(record.sha256, 'hex'))) found = token;
    return found;
  }

  /**
   * Reads the file, and again whenever it changes, until the signal aborts.
   * @throws WorkstealError `settings` if it can't be read at first
   */
  async follow(file: string, signal: AbortSignal, log: Pick<Logger, 'info' | 'error'>): Promise<void> {
    this.set(readTokenFile(file));
    await followFile(file, signal, (gone) => this.#reread(file, gone, log));
  }

  /** The part of /readyz. */
  verdict(): Verdict {
    return { well: this.#trouble === '', words: this.#trouble || `${this.#kept.length} valid` };
  }

  #reread(file: string, isGone: boolean, log: Pick<Logger, 'info' | 'error'>): void {
    try {
      this.set(isGone ? [] : readTokenFile(file));
      this.#trouble = '';
      log.info({ tokens: this.#kept.length }, 'api: the token file was read again');
    } catch (error) {
      this.#trouble = `${(error as Error).message}; the tokens of before are still valid`;
      log.error({ err: error }, 'api: the token file cannot be read; the tokens of before are still valid');
    }
  }
}

function keep(record: TokenRecord): Kept {
  const end = new AbortController();
  const { name, scope, accounts } = record;
  return { record, end, token: { name, scope, accounts, revoked: end.signal } };
}

function isSame(one: TokenRecord, other: TokenRecord): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
