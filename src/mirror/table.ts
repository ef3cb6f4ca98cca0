/** Rows by id, sorted. */

/** A sort key; the last part is the id, so that no two are equal. */
export type SortKey = readonly (string | number)[];

export class Table<Row extends { id: string }> {
  readonly #rows = new Map<string, { row: Row; key: SortKey }>();
  readonly #keyOf: (row: Row) => SortKey;
  #sorted: { id: string; key: SortKey }[] | undefined;

  constructor(keyOf: (row: Row) => SortKey) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)?.row;
  }

  ids(): string[] {
    return [...this.#rows.keys()];
  }

  /** All rows, in no order. */
  values(): Row[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  put(row: Row): void {
    const before = this.#rows.get(row.id);
    const key = this.#keyOf(row);
    this.#rows.set(row.id, { row, key });
    if (before === undefined || compareKeys(before.key, key) !== 0) this.#sorted = undefined;
  }

  /** What `keyOf` goes by has changed. */
  sortAgain(): void {
    for (const [id, { row }] of this.#rows) this.#rows.set(id, { row, key: this.#keyOf(row) });
    this.#sorted = undefined;
  }

  delete(id: string): boolean {
    if (!this.#rows.delete(id)) return false;
    this.#sorted = undefined;
    return true;
  }

  /** All rows in their order. */
  rows(): Row[] {
    return this.#inOrder().map(({ id }) => this.get(id) as Row);
  }

  #inOrder(): readonly { id: string; key: SortKey }[] {
    this.#sorted ??= [...this.#rows]
      .map(([id, { key }]) => ({ id, key }))
      .sort((a, b) => compareKeys(a.key, b.key));
    return this.#sorted;
  }
}

function compareKeys(a: SortKey, b: SortKey): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? 0;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
