/**
 * The orders, or the plans, of an account: those that live and the latest that ended. Which of them have to
 * be read is noted by `touch`; they are read a few at a time, so that no script blocks Redis for long.
 */
import { ROWS_PER_SCRIPT } from './rows.ts';
import { type SortKey, Table } from './table.ts';

export type CollectionParts<Row> = {
  /** Rows of at most ROWS_PER_SCRIPT ids, those on record; `ended`: with the reason of their end. */
  read: (ids: readonly string[], ended: boolean) => Promise<Row[]>;
  hasEnded: (row: Row) => boolean;
  /** The order in which the living are listed. */
  keyOf: (row: Row) => SortKey;
};

/** Of those that ended, so many are kept. */
export const ENDED_KEPT = 500;
/** So many ends are read at once, of an account in which much happens and of a quiet one: nobody waits. */
const ENDS_OF_BUSY = 2;
const ENDS_OF_QUIET = 40;

export class Collection<Row extends { id: string }> {
  readonly live: Table<Row>;
  /** The latest first. */
  readonly ended: Table<Row>;
  readonly #parts: CollectionParts<Row>;
  readonly #endedAt = new Map<string, number>();
  readonly #touched = new Set<string>();
  /** They have ended, and how is to be read; the latest of them alone. */
  readonly #toEnd = new Set<string>();
  #changed = new Set<string>();
  #ends = 0;

  constructor(parts: CollectionParts<Row>) {
    this.#parts = parts;
    this.live = new Table(parts.keyOf);
    this.ended = new Table(({ id }) => [-(this.#endedAt.get(id) ?? 0), id]);
  }

  get(id: string): Row | undefined {
    return this.live.get(id) ?? this.ended.get(id);
  }

  /** These have to be read (again). */
  touch(...ids: readonly string[]): void {
    for (const id of ids) {
      this.#toEnd.delete(id);
      this.#touched.add(id);
    }
  }

  /** These have ended. They are listed no more among the living, and among the ended once they are read. */
  touchEnded(...ids: readonly string[]): void {
    for (const id of ids) {
      this.#touched.delete(id);
      if (this.live.delete(id)) this.#changed.add(id);
      this.#toEnd.delete(id);
      this.#toEnd.add(id);
      const oldest = this.#toEnd.values().next().value;
      if (this.#toEnd.size > ENDED_KEPT && oldest !== undefined) this.#toEnd.delete(oldest);
    }
  }

  get isRead(): boolean {
    return this.#touched.size + this.#toEnd.size === 0;
  }

  /** Everything known has to be read again. */
  touchAll(): void {
    this.touch(...this.live.ids(), ...this.ended.ids().reverse());
  }

  /** Replaces a row by a newer version of it. */
  replace(row: Row): void {
    (this.live.get(row.id) === undefined ? this.ended : this.live).put(row);
    this.#changed.add(row.id);
  }

  /** Ids of rows that have changed or gone since the last call. */
  takeChanges(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /**
   * Reads those that were touched until now. What is touched meanwhile waits for the next time: a book that
   * changes faster than it is read would have no end.
   */
  async readTouched(signal: AbortSignal): Promise<void> {
    for (let left = this.#touched.size; left > 0 && !signal.aborted; left -= ROWS_PER_SCRIPT)
      await this.#readSome(Math.min(left, ROWS_PER_SCRIPT));
  }

  /** Reads some of those that have ended, the first first. */
  async readEnds(isBusy: boolean, signal: AbortSignal): Promise<void> {
    const ends = Math.min(this.#toEnd.size, isBusy ? ENDS_OF_BUSY : ENDS_OF_QUIET);
    for (let left = ends; left > 0 && !signal.aborted; left -= ROWS_PER_SCRIPT)
      await this.#readEnds(Math.min(left, ROWS_PER_SCRIPT));
  }

  /** Reads some of those that were touched, the first first. What fails stays touched. */
  async #readSome(count: number): Promise<void> {
    const ids = [...this.#touched.values().take(count)];
    for (const id of ids) this.#touched.delete(id);
    try {
      const rows = await this.#parts.read(ids, false);
      const gone = new Set(ids);
      for (const { id } of rows) gone.delete(id);
      const ended = rows.filter(this.#parts.hasEnded).map(({ id }) => id);
      const last = ended.length === 0 ? [] : await this.#parts.read(ended, true);
      for (const row of rows) if (!this.#parts.hasEnded(row)) this.#live(row);
      for (const row of last) this.#end(row);
      for (const id of gone) this.#forget(id);
    } catch (error) {
      this.touch(...ids);
      throw error;
    }
  }

  async #readEnds(count: number): Promise<void> {
    const ids = [...this.#toEnd.values().take(count)];
    for (const id of ids) this.#toEnd.delete(id);
    try {
      const rows = await this.#parts.read(ids, true);
      const gone = new Set(ids);
      for (const row of rows) {
        gone.delete(row.id);
        if (this.#parts.hasEnded(row)) this.#end(row);
        else this.touch(row.id);
      }
      for (const id of gone) this.#forget(id);
    } catch (error) {
      this.touch(...ids);
      throw error;
    }
  }

  clear(): void {
    this.#touched.clear();
    this.#toEnd.clear();
    for (const id of [...this.live.ids(), ...this.ended.ids()]) this.#forget(id);
  }

  #live(row: Row): void {
    if (isSame(this.live.get(row.id), row)) return;
    this.live.put(row);
    this.#endedAt.delete(row.id);
    this.ended.delete(row.id);
    this.#changed.add(row.id);
  }

  #end(row: Row): void {
    if (isSame(this.ended.get(row.id), row)) return;
    this.live.delete(row.id);
    if (!this.#endedAt.has(row.id)) {
      this.#ends += 1;
      this.#endedAt.set(row.id, this.#ends);
    }
    this.ended.put(row);
    this.#changed.add(row.id);
    const oldest = this.#endedAt.keys().next().value;
    if (this.#endedAt.size > ENDED_KEPT && oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    this.#endedAt.delete(id);
    if ([this.live.delete(id), this.ended.delete(id)].includes(true)) this.#changed.add(id);
  }
}

function isSame(one: object | undefined, other: object): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
