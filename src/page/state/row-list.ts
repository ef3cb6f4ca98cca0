/** A list of the live book. Each row has a signal of its own, so that a change draws one row. */
import { batch, type Signal, signal } from '@preact/signals';

type Rows<Row> = { rows: Row[]; more: number };
type RowsPatch<Row> = Rows<Row> & { ids?: string[] | undefined };

export class RowList<Row> {
  readonly ids = signal<readonly string[]>([]);
  /** How many there are that the list leaves out. */
  readonly more = signal(0);
  readonly #rows = new Map<string, Signal<Row>>();
  readonly #idOf: (row: Row) => string;

  constructor(idOf: (row: Row) => string) {
    this.#idOf = idOf;
  }

  row(id: string): Signal<Row> | undefined {
    return this.#rows.get(id);
  }

  /** All rows in their order, as they are now; draws again with any change of the order alone. */
  values(): Row[] {
    return this.ids.value.map((id) => this.#rows.get(id)?.value).filter((row) => row !== undefined);
  }

  replace({ rows, more }: Rows<Row>): void {
    this.patch({ rows, more, ids: rows.map(this.#idOf) });
  }

  patch({ rows, more, ids }: RowsPatch<Row>): void {
    batch(() => {
      for (const row of rows) {
        const id = this.#idOf(row);
        const known = this.#rows.get(id);
        if (known === undefined) this.#rows.set(id, signal(row));
        else known.value = row;
      }
      this.more.value = more;
      if (ids === undefined) return;
      const kept = new Set(ids);
      for (const id of this.#rows.keys()) if (!kept.has(id)) this.#rows.delete(id);
      this.ids.value = ids;
    });
  }
}
