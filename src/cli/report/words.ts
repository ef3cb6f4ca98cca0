/** Sentences and numbers that the report has as text and as HTML. */
import type { Report } from './read.ts';

/** `2026-11-29 10:39:14Z` */
export const instant = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** `10:39:14` */
export const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** `85 ms`, `1.2 s`, `3.5 min`, `2.0 h`, `1.5 d` */
export function length(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 6_000_000) return `${(ms / 60_000).toFixed(1)} min`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;
}

export const reasonWords = (reason: string): string => reason.replaceAll('_', ' ');

/** When it happened, the server's time; what its fields say is ledger time. */
export const timeOf = ({ id }: Report['events'][number]): string => instant(Number.parseInt(id, 10));

/** What the numbers leave out, and where they come from. */
export function notesOf(report: Report): string[] {
  const { complete, eventsFromMs, stealsLeftOut, refused } = report;
  return [
    ...(complete
      ? []
      : [
          `events begin at ${eventsFromMs === null ? 'no time: none are kept' : instant(eventsFromMs)}: ` +
            'earlier ones were dropped, so capacity, cancellations, counts and events are those since then',
        ]),
    ...(stealsLeftOut > 0
      ? [`steals per pair are the latest 5,000; ${stealsLeftOut} earlier ones are left out`]
      : []),
    ...(refused.length > 0
      ? ['refusals are the last one of each plan, or of an order without a plan; they are kept for an hour']
      : []),
    'steals per pair come from the steal history, everything else from the events; times are those of ' +
      'Redis, and ends of fights ledger time',
  ];
}

/** The period in words. */
export const periodOf = ({ fromMs, toMs }: Report): string =>
  `${instant(fromMs)} to ${instant(toMs)} (${length(toMs - fromMs)})`;
