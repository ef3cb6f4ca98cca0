/** Of a long list, only the rows in sight are in the document. All rows have one height. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Rows above and below that are there before they come into sight. */
const BEYOND = 8;
const FIRST_SIGHT = 40;

/** @param box what scrolls; where it does not, the page does */
export function useRowWindow(rowPx: number, count: number) {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const range = useSignal({ from: 0, to: FIRST_SIGHT });
  useEffect(() => {
    const look = (): void => {
      if (box.current === null || body.current === null) return;
      const around = box.current.getBoundingClientRect();
      const { top } = body.current.getBoundingClientRect();
      const from = Math.max(0, Math.floor((Math.max(around.top, 0) - top) / rowPx) - BEYOND);
      const to = Math.ceil((Math.min(around.bottom, innerHeight) - top) / rowPx) + BEYOND;
      if (range.peek().from !== from || range.peek().to !== to) range.value = { from, to };
    };
    look();
    const watch = new ResizeObserver(look);
    if (box.current !== null) watch.observe(box.current);
    document.addEventListener('scroll', look, { capture: true, passive: true });
    return () => {
      watch.disconnect();
      document.removeEventListener('scroll', look, { capture: true });
    };
  }, [rowPx]);
  const from = Math.min(range.value.from, Math.max(0, count - 1));
  return { box, body, from, to: Math.min(count, Math.max(range.value.to, from + 1)) };
}
