/** A mirror of a book that changes faster than it can be read: it keeps going, and nobody waits for it. */
import { expect, it } from 'vitest';
import type { Book } from '../../src/http/book.ts';
import { mirroredBook } from '../../src/http/mirrored-book.ts';
import { Collection } from '../../src/mirror/collection.ts';

it('reads what was touched until now, and leaves what is touched meanwhile to the next time', async () => {
  const reads: string[] = [];
  const rows = new Collection<{ id: string }>({
    async read(ids) {
      reads.push(...ids);
      // Each row that is read has changed again, and so has another one.
      rows.touch(...ids, `new-${reads.length}`);
      return ids.map((id) => ({ id }));
    },
    hasEnded: () => false,
    keyOf: ({ id }) => [id],
  });
  const names = Array.from({ length: 50 }, (_, at) => `row-${at}`);
  rows.touch(...names);
  await rows.readTouched(new AbortController().signal);
  expect(reads).toEqual(names);
  expect(rows.isRead).toBe(false);
});

it('is not waited for by requests while it opens: the ledger itself answers', async () => {
  const direct = { orderRows: async () => [{ id: 'a' }] } as unknown as Book;
  const book = mirroredBook(direct, () => new Promise(() => {}));
  expect(await book.orderRows(['a'], false)).toEqual([{ id: 'a' }]);
});
