/**
 * Of a long book the stream brings the first orders alone. A filter that may be a symbol is asked of the
 * server, too, again and again while it stands.
 */
import { effect, signal } from '@preact/signals';
import type { OrderRow } from '../../json/live.ts';
import { ask, pathOf } from './ask.ts';
import { orders } from './book.ts';
import { account, filter } from './view.ts';

const FIRST_MS = 250;
const AGAIN_MS = 2_000;
const SYMBOL = /^[A-Za-z0-9./]{1,24}$/;

/** Orders that the filter found and the stream does not bring. */
export const found = signal<ReadonlyMap<string, OrderRow>>(new Map());

export function searchBeyond(): void {
  effect(() => {
    const [symbol, name, hasMore] = [filter.value.trim(), account.value, orders.more.value > 0];
    found.value = new Map();
    if (!hasMore || name === undefined || !SYMBOL.test(symbol)) return;
    let timer = setTimeout(look, FIRST_MS);
    let isOver = false;
    async function look(): Promise<void> {
      const query = new URLSearchParams({ symbol, limit: '100' });
      const answer = await ask<{ orders: OrderRow[] }>('GET', pathOf(name ?? '', `orders?${query}`)).catch(
        () => ({ orders: [] }),
      );
      if (isOver) return;
      found.value = new Map(
        answer.orders.filter(({ id }) => orders.row(id) === undefined).map((row) => [row.id, row]),
      );
      timer = setTimeout(look, AGAIN_MS);
    }
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  });
}
