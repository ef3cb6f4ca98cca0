/**
 * A halt survives the loss of the ledger (I8). Every keeper, active or standing by, remembers that the
 * account was halted. It halts the account again when the ledger was lost and says `running`: it is new after
 * a wipe, or an older copy after a failover. A keeper believes `running` only from a ledger that was
 * reconciled on its server. It learns of a halt by event at once, and reads the state each second.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { answerOf } from '../ledger/answer.ts';
import { halt } from '../ledger/commands/halt.ts';
import { type HaltNote, readHalts, reasonsInForce } from '../ledger/halts.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Fields } from '../ledger/reply.ts';

const LOOK_EVERY_MS = 1_000;
/** As many as the ledger keeps. */
const MAX_NOTES = 20;

export class HaltMemory {
  readonly #ledger: Ledger;
  readonly #log: Pick<Logger, 'warn'>;
  /**
   * The reasons, the first one first; at least one. `created`: identifies the book that was halted; a new
   * book has another value.
   */
  #halted: { notes: HaltNote[]; created: string } | undefined;
  /** `created` of the book as it was read last. */
  #created = '';

  constructor(ledger: Ledger, log: Pick<Logger, 'warn'>) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** An event of the account: earlier than the next read. */
  heard(type: string, { reason = '', by = '', since_ms }: Fields): void {
    const note = { atMs: Number(since_ms ?? 0), what: 'halted', by, reason } as const;
    if (type === 'halted') this.#halted = { notes: [note], created: this.#created };
    if (type === 'resumed') this.#halted = undefined;
    if (type === 'halt_noted' && this.#halted !== undefined) {
      const notes = [...this.#halted.notes, note].slice(-MAX_NOTES);
      this.#halted = { ...this.#halted, notes };
    }
  }

  /**
   * Reads the account's state, and halts it again if the ledger was lost since it was halted.
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
    if (state === 'running' && before !== undefined && isLost) await this.#haltAgain(before.notes);
    this.#created = created ?? '';
    if (state === 'halted') {
      const notes = reasonsInForce(await readHalts(this.#ledger));
      const unnoted = { atMs: 0, what: 'halted', by: '', reason: reason ?? '' } as const;
      this.#halted = { notes: notes.length > 0 ? notes : [unnoted], created: this.#created };
    } else if (!isLost) this.#halted = undefined;
    else if (before !== undefined) this.#halted = { ...before, created: this.#created };
  }

  async #haltAgain(notes: readonly HaltNote[]): Promise<void> {
    for (const { reason, by, atMs } of notes) await halt(this.#ledger, reason, by, atMs);
    const reason = notes.map((note) => note.reason).join('; ');
    this.#log.warn(
      { reason },
      `the ledger was lost while the account was halted (${reason}): it is halted again`,
    );
  }

  /** Reads the state each second until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch(() => {}); // Redis gave no answer: the next read tries again
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
