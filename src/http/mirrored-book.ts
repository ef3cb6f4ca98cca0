/**
 * What the read routes answer, from the account's mirror where it holds it: a request then costs Redis one
 * look at the end of the events. While the mirror is not up to date the ledger itself is read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Values } from '../inspection/reading.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { OrderRow } from '../mirror/rows.ts';
import type { Book, OrderEntry } from './book.ts';

/** How long a request waits for the mirror to open, and to have what was written before it. */
const CATCH_UP_MS = 500;

/** @param open the account's mirror; a failure to open it is answered by the ledger */
export function mirroredBook(direct: Book, open: () => Promise<Mirror>): Book {
  const current = async (): Promise<Mirror | undefined> => {
    const mirror = await inTime(open());
    return (await mirror?.caughtUp(CATCH_UP_MS)) === true ? mirror : undefined;
  };
  /** In the order that was asked for; undefined where the mirror lacks one. */
  const rowsOf = <Row extends Values>(
    ids: readonly string[],
    find: (id: string) => Row | undefined,
  ): Row[] | undefined => {
    const rows = ids.map(find);
    return rows.every((row) => row !== undefined) ? rows : undefined;
  };
  return {
    ...direct,
    async status() {
      const mirror = await current();
      return mirror === undefined ? await direct.status() : mirror.status();
    },
    async liveOrders() {
      const mirror = await current();
      return mirror === undefined ? await direct.liveOrders() : mirror.orders({}).map(entryOf);
    },
    async orderRows(ids, ended) {
      const mirror = await current();
      const rows = rowsOf(ids, (id) => mirror?.order(id));
      // Whether it has ended decides what a row shows.
      const isSame = rows?.every((row) => (row.victim === undefined) === ended) === true;
      return isSame ? (rows as Values[]) : await direct.orderRows(ids, ended);
    },
    async planIds(ended) {
      const mirror = ended ? undefined : await current();
      return mirror?.plans({}).map(({ id }) => id) ?? (await direct.planIds(ended));
    },
    async planEntries(ids) {
      const mirror = await current();
      const rows = rowsOf(ids, (id) => mirror?.plan(id));
      if (rows === undefined) return await direct.planEntries(ids);
      return rows.map(({ id, symbol, stage, strategy }) => ({
        id,
        symbol: symbol ?? '',
        stage,
        strategy: strategy ?? '',
      }));
    },
    async planRows(ids, ended) {
      const mirror = await current();
      const rows = rowsOf(ids, (id) => mirror?.plan(id));
      const isSame = rows?.every((row) => (row.refusal === undefined) === ended) === true;
      return isSame ? (rows as Values[]) : await direct.planRows(ids, ended);
    },
  };
}

function entryOf({ id, symbol, state, pnl, createdAtMs }: OrderRow): OrderEntry {
  return { id, symbol, state, pnl: Number(pnl ?? 0), createdAtMs: createdAtMs ?? 0, endedAtMs: 0 };
}

/** Undefined where it fails, or takes too long. */
async function inTime<T>(opening: Promise<T>): Promise<T | undefined> {
  const isThere = new AbortController();
  const late = sleep(CATCH_UP_MS, undefined, { signal: isThere.signal }).catch(() => undefined);
  try {
    return await Promise.race([opening.catch(() => undefined), late]);
  } finally {
    isThere.abort();
  }
}
