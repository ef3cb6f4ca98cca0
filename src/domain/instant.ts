/**
 * Parses instants as people and programs write them: ISO 8601 with a zone, and the forms that pandas and
 * Python print.
 */

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|([+-])(\d{2}):?(\d{2})?)$/i;

const MINUTE_MS = 60_000;

/**
 * `2026-11-30T16:00:00-05:00`, `2026-11-30 21:00Z`, `2026-11-30T21:00:00.123456+0000` -> ms since 1970.
 * @returns undefined if the text is not an instant or has no zone
 */
export function readInstant(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction = '',
    ,
    sign,
    zoneHours = '0',
    zoneMinutes = '0',
  ] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ];
  const [zh, zm] = [Number(zoneHours), Number(zoneMinutes)];
  if (h > 23 || mi > 59 || s > 59 || zh > 23 || zm > 59) return undefined;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const localMs = Date.UTC(y, mo - 1, d, h, mi, s, ms);
  const date = new Date(localMs);
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d) return undefined; // 30 February
  return localMs - (sign === '-' ? -1 : 1) * (zh * 60 + zm) * MINUTE_MS;
}

/** Why a text is not an instant, and what to write: the end of a sentence. */
export function whyNoInstant(text: string): string {
  if (/^\d{10}(\d{3})?$/.test(text))
    return `is a Unix time: write ${new Date(Number(text) * (text.length === 10 ? 1_000 : 1)).toISOString()}`;
  if (readInstant(`${text}Z`) !== undefined) return 'has no zone: add one, such as Z or -05:00';
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'has no time of day: write 2026-11-27T16:00:00-05:00';
  return 'is not a time: write 2026-11-27T16:00:00-05:00';
}
