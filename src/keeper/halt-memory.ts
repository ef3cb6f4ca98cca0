/**
 * A halt outlives the ledger that it was told to (I8): every keeper, active or standing by, remembers that
 * the account was halted, and halts it again where a book that was lost says otherwise: one that was made
 * anew after a wipe, or an older copy after a failover. That it goes on is believed of a book alone that was
 * reconciled on its server. It hears of it by the account's events at once, and looks each second beside
 * that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { answerOf } from '../ledger/answer.ts';
import { halt } from '../ledger/commands/halt.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

const LOOK_EVERY_MS = 1_000;

export class HaltMemory {
  readonly #ledger: Ledger;
  readonly #log: Pick<Logger, 'warn'>;
  /** `created`: of the account that was halted; another value is another account. */
  #halted: { reason: string; created: string } | undefined;
  /** Of the account as it was seen last. */
  #created = '';

  constructor(ledger: Ledger, log: Pick<Logger, 'warn'>) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** An event says so: sooner than the next look. */
  heard(type: string, reason: string): void {
    if (type === 'halted') this.#halted = { reason, created: this.#created };
    if (type === 'resumed') this.#halted = undefined;
  }

  /**
   * Looks at the account, and halts it where the book was lost since it was halted.
   * @throws WorkstealError `unavailable`
   */
  async look(): Promise<void> {
    const { redis, account } = this.#ledger;
    const server = await this.#ledger.serverId(true);
    const asked = redis.hmget(
      key(account, 'account'),
      'state',
      'halt_reason',
      'created',
      'synced_at_ms',
      'server_id',
    );
    const [state, reason, created, synced, on] = await answerOf('account', asked);
    if (state === null || state === undefined) return;
    const before = this.#halted;
    const isLost = before?.created !== (created ?? '') || Number(synced ?? 0) === 0 || on !== server;
    if (state === 'running' && before !== undefined && isLost) {
      await halt(this.#ledger, before.reason);
      this.#log.warn(
        { reason: before.reason },
        `the ledger was lost while the account was halted (${before.reason}): it is halted again`,
      );
    }
    this.#created = created ?? '';
    if (state === 'halted') this.#halted = { reason: reason ?? '', created: this.#created };
    else if (!isLost) this.#halted = undefined;
    else if (before !== undefined) this.#halted = { ...before, created: this.#created };
  }

  /** Looks each second until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch(() => {}); // Redis is away: the next look tells
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
