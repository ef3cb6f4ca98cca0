/**
 * Steals a second of 64 watchers against a Postgres function with a row lock, at equal durability: neither
 * waits for a disk.
 */
import { fill, openBook, putInto, setRoom } from '../book.ts';
import { compare } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { postgresPrograms, startPostgres } from '../postgres.ts';
import { queued, stealRate, WATCHERS } from '../queued-steals.ts';
import { judge } from '../report.ts';

const ORDERS = 1_000;
const STEALS = 256;
const SECONDS = 5;

export const postgres: Measure = {
  name: 'postgres',
  isQuick: false,
  isPinned: false,
  async run({ url, rounds, tell }) {
    const bin = postgresPrograms();
    if (bin === undefined) {
      tell('postgres: not measured, because no server is installed (Debian: postgresql)');
      return [];
    }
    const book = await openBook(url, 'postgres');
    await fill(book, ORDERS, () => {});
    await putInto(book, 'far');
    await setRoom(book, 0);
    const other = await startPostgres(bin, ORDERS, false);
    try {
      const { a, b, ratio } = await compare(
        Math.min(5, rounds),
        () => stealRate(book, queued, STEALS),
        async () => other.stealRate(WATCHERS, SECONDS),
      );
      const name = `${WATCHERS} watchers, ${ORDERS} orders / Postgres function`;
      const violations = `its violations: ${other.excess()}`;
      const measured = `${a.toFixed(0)} / ${b.toFixed(0)} steals/s, ${violations}`;
      return [judge({ name, target: 5, bound: 'least' }, ratio, measured)];
    } finally {
      await other.close();
      await book.ledger.close();
    }
  },
};
