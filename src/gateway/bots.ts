/**
 * The bots of a gateway and their key pairs. The token file is read again when it changes; a file that is
 * gone leaves no key valid, one that can't be read keeps those of before and is reported.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { BotRecord } from '../http/bot-keys.ts';
import { followFile } from '../http/follow-file.ts';
import { hashOf, readBotFile } from '../http/token-file.ts';
import type { Verdict } from '../ops/readiness.ts';

/** `revoked` aborts when its keys are taken back, or have other rights than before. */
export type Bot = Omit<BotRecord, 'keyId' | 'sha256' | 'createdAtMs'> & { readonly revoked: AbortSignal };

/** The bot as the record of cancellations names it. */
export function askerOf({ name }: Pick<Bot, 'name'>): string {
  return `${name}@gateway`;
}

type Kept = { record: BotRecord; bot: Bot; end: AbortController };

/** Compared with where no bot has the key id, so that the time tells nothing. */
const NOBODY = Buffer.alloc(32);

export class Bots {
  readonly #account: string;
  #kept = new Map<string, Kept>();
  #trouble = '';

  /** @param account bots of other accounts only are not known here */
  constructor(account: string) {
    this.#account = account;
  }

  /** Replaces all bots. One that stays the same stays valid; any other ends. */
  set(records: readonly BotRecord[]): void {
    const before = this.#kept;
    const ours = records.filter(({ accounts }) => accounts.length === 0 || accounts.includes(this.#account));
    this.#kept = new Map(ours.map((record) => [record.keyId, this.#keep(record)]));
    for (const [keyId, kept] of before) if (this.#kept.get(keyId) !== kept) kept.end.abort();
  }

  /** The bot with these keys; the secret is compared in constant time. */
  find(keyId: string, secret: string): Bot | undefined {
    const kept = this.#kept.get(keyId);
    const known = kept === undefined ? NOBODY : Buffer.from(kept.record.sha256, 'hex');
    return timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), known) ? kept?.bot : undefined;
  }

  /**
   * Reads the file, and again whenever it changes, until the signal aborts.
   * @throws WorkstealError `settings` if it can't be read at first
   */
  async follow(file: string, signal: AbortSignal, log: Pick<Logger, 'info' | 'error'>): Promise<void> {
    this.set(readBotFile(file));
    await followFile(file, signal, (gone) => {
      try {
        this.set(gone ? [] : readBotFile(file));
        this.#trouble = '';
        log.info({ bots: this.#kept.size }, 'gateway: the token file was read again');
      } catch (error) {
        this.#trouble = `${(error as Error).message}; the keys of before are still valid`;
        log.error(
          { err: error },
          'gateway: the token file cannot be read; the keys of before are still valid',
        );
      }
    });
  }

  /** The part of /readyz. */
  verdict(): Verdict {
    return { well: this.#trouble === '', words: this.#trouble || `${this.#kept.size} bots` };
  }

  #keep(record: BotRecord): Kept {
    const before = this.#kept.get(record.keyId);
    if (before !== undefined && JSON.stringify(before.record) === JSON.stringify(record)) return before;
    const end = new AbortController();
    const { keyId: _, sha256: __, createdAtMs: ___, ...rights } = record;
    return { record, end, bot: { ...rights, revoked: end.signal } };
  }
}
