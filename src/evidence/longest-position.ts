/** How long a position may last on these bars. */
import type { Market } from './types.ts';

/** An entry fills in one bar and is closed at the latest at the end of the eighth behind it. */
const BARS = 9;
const DAY_MS = 86_400_000;
/** Gaps in the data (a symbol that was not traded for weeks) are no reason to learn nothing. */
const MOST_DAYS = 10;

/** In days, rounded up; over nights and weekends, too. */
export function longestPositionDays({ symbols }: Market): number {
  let longestMs = 0;
  for (const { bars } of symbols)
    for (let at = BARS; at < bars.length; at += 1)
      longestMs = Math.max(longestMs, (bars[at]?.startMs ?? 0) - (bars[at - BARS]?.startMs ?? 0));
  return Math.min(MOST_DAYS, Math.ceil(longestMs / DAY_MS));
}
