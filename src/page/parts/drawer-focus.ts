/** A drawer that lies above the page takes the focus when it opens, and gives it back when it closes. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isDrawerAbove } from '../state/narrow.ts';

/** For a component that lives as long as the drawer is open; `box` can take the focus. */
export function useDrawerFocus(box: RefObject<HTMLElement | null>): void {
  // Now, for what the drawer covers loses the focus as soon as it is drawn.
  const before = useRef(document.activeElement);
  useEffect(() => {
    if (!isDrawerAbove.peek()) return;
    const origin = before.current === document.body ? selectedRow() : before.current;
    box.current?.focus();
    // What was covered can take it only after this.
    return () => void setTimeout(() => giveBack(box.current, origin));
  }, []);
}

/** Of what was opened by a tap beside a button. */
function selectedRow(): Element | null {
  return document.querySelector('[aria-current=true] button, [aria-current=true][tabindex]');
}

/** Unless the reader has gone elsewhere meanwhile. */
function giveBack(box: HTMLElement | null, origin: Element | null): void {
  const { activeElement } = document;
  const isLost = activeElement === null || activeElement === document.body || box?.contains(activeElement);
  if (isLost && origin instanceof HTMLElement) origin.focus();
}
