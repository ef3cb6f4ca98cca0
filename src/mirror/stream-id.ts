/** Ids of a Redis stream, `ms-number`. */

/** Before the first entry of any stream. */
export const BEFORE_ALL = '0-0';

/** Below 0: `one` is earlier; 0: the same; above 0: later. */
export function compareIds(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  return a[0] - b[0] || a[1] - b[1];
}

/** Is the text an id, as a client may send it back? */
export function isStreamId(text: string): boolean {
  return /^\d{1,15}-\d{1,15}$/.test(text);
}

function partsOf(id: string): [number, number] {
  const [ms = 0, number = 0] = id.split('-').map(Number);
  return [ms, number];
}
