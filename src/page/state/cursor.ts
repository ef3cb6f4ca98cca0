/** The row of the book that the keyboard is on, and which rows there are. */
import { computed, signal } from '@preact/signals';
import type { OrderRow } from '../../json/live.ts';
import { orders } from './book.ts';
import { found } from './search.ts';
import { filter } from './view.ts';

/** The order that has the keyboard's focus; null: none. */
export const cursor = signal<string | null>(null);

/** Those that the filter lets through: each of its words is in the symbol, the id, the side or the state. */
export const filteredIds = computed(() => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return orders.ids.value;
  const shown = orders.ids.value.filter((id) => {
    const row = orders.row(id)?.value;
    return row !== undefined && words.every((word) => textOf(row).includes(word));
  });
  return [...shown, ...found.value.keys()];
});

function textOf({ id, symbol, side, state, victim, plan }: OrderRow): string {
  return [symbol, id, side, state, victim ?? '', plan ?? ''].join(' ').toLowerCase();
}
