/** What the reader looks at. It stands in the address, so that a link shows the same. */
import { signal } from '@preact/signals';

/** What the drawer explains. */
export type Selected = { kind: 'order' | 'plan' | 'steal'; id: string };

export const account = signal<string | undefined>(undefined);
export const filter = signal('');
export const selected = signal<Selected | null>(null);

const KINDS = ['order', 'plan', 'steal'] as const;

export function readAddress(): void {
  const query = new URLSearchParams(location.search);
  account.value = query.get('account') ?? undefined;
  filter.value = query.get('filter') ?? '';
  const kind = KINDS.find((one) => query.has(one));
  selected.value = kind === undefined ? null : { kind, id: query.get(kind) ?? '' };
}

export function chooseAccount(name: string): void {
  account.value = name;
  write('replaceState');
}

export function setFilter(text: string): void {
  filter.value = text;
  write('replaceState');
}

/** The browser's way back closes what was opened. */
export function select(next: Selected | null): void {
  const before = selected.value;
  if (before?.id === next?.id && before?.kind === next?.kind) return;
  selected.value = next;
  write(before === null ? 'pushState' : 'replaceState');
}

function write(how: 'pushState' | 'replaceState'): void {
  const query = new URLSearchParams();
  if (account.value !== undefined) query.set('account', account.value);
  if (filter.value !== '') query.set('filter', filter.value);
  if (selected.value !== null) query.set(selected.value.kind, selected.value.id);
  history[how](null, '', `${location.pathname}?${query}`);
}

addEventListener('popstate', readAddress);
