/** The keyboard. A key that is typed into a field or a dialog is that one's. */
import { cursor, filteredIds } from './cursor.ts';
import { isHelpOpen } from './help.ts';
import { select, selected, setFilter } from './view.ts';

const filterBox = (): HTMLInputElement | null => document.querySelector('#filter');

export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('dialog') !== null) return;
    if (target.matches('input, textarea, select')) {
      if (event.key === 'Escape') leaveField(target);
      else if (event.key === 'Enter' && target.id === 'filter') go(0, event);
      return;
    }
    KEYS[event.key]?.(event);
  });
}

const KEYS: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
  '/': (event) => {
    event.preventDefault();
    filterBox()?.focus();
  },
  j: (event) => step(1, event),
  k: (event) => step(-1, event),
  ArrowDown: (event) => stepInBook(1, event),
  ArrowUp: (event) => stepInBook(-1, event),
  g: (event) => go(0, event),
  Enter: (event) => {
    // A button that has the focus does its own.
    if (!(event.target as HTMLElement).matches('.book-row') || cursor.value === null) return;
    event.preventDefault();
    select({ kind: 'order', id: cursor.value });
  },
  Escape: leave,
  '?': () => {
    isHelpOpen.value = true;
  },
};

function stepInBook(by: number, event: KeyboardEvent): void {
  if ((event.target as HTMLElement).matches('.book-row')) step(by, event);
}

function step(by: number, event: KeyboardEvent): void {
  const at = cursor.value === null ? -1 : filteredIds.value.indexOf(cursor.value);
  go(at === -1 ? 0 : at + by, event);
}

/** To the order at this place; what is open follows. */
function go(place: number, event: KeyboardEvent): void {
  const ids = filteredIds.value;
  const id = ids[Math.max(0, Math.min(ids.length - 1, place))];
  if (id === undefined) return;
  event.preventDefault();
  cursor.value = id;
  document.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
  if (selected.value?.kind === 'order') select({ kind: 'order', id });
}

/** What is open is closed first; then the row is left. */
function leave(): void {
  if (selected.value !== null) return select(null);
  cursor.value = null;
  (document.activeElement as HTMLElement | null)?.blur();
}

function leaveField(field: HTMLElement): void {
  if (field.id === 'filter') setFilter('');
  field.blur();
}
