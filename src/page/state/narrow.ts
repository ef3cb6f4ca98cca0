/** How much room there is: styles/narrow.css has the same widths. */
import { type Signal, signal } from '@preact/signals';

/** A phone: rows have two lines, and the drawer covers everything. */
export const isNarrow = follows('(max-width: 719.9px)');
/** Tables leave out what has no room. */
export const isTight = follows('(max-width: 1199.9px)');
/** The drawer lies above the page. */
export const isDrawerAbove = follows('(max-width: 899.9px)');

function follows(condition: string): Signal<boolean> {
  const query = matchMedia(condition);
  const is = signal(query.matches);
  query.addEventListener('change', ({ matches }) => {
    is.value = matches;
  });
  return is;
}
