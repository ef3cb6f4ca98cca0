/** A share as a bar, in characters of block elements. */
import colors from 'picocolors';

type Colors = Pick<ReturnType<typeof colors.createColors>, 'cyan' | 'dim'>;

/** @param share of `width` that is full; below 0 counts as 0, above 1 as 1 */
export function bar(share: number, width: number, c: Colors = colors): string {
  const full = Math.max(0, Math.min(width, Math.round(share * width)));
  return c.cyan('█'.repeat(full)) + c.dim('░'.repeat(width - full));
}
