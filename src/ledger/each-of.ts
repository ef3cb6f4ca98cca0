/** Reads many records of the ledger, a batch at a time. */

/** Records read at once. */
const BATCH = 500;

/** Reads each, in batches one after the other; what is not there is left out. */
export async function eachOf<T, Id>(
  ids: readonly Id[],
  read: (id: Id) => Promise<T | undefined>,
): Promise<T[]> {
  const all: T[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    for (const one of await Promise.all(ids.slice(at, at + BATCH).map(read)))
      if (one !== undefined) all.push(one);
  }
  return all;
}
