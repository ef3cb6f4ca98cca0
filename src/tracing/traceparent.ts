/**
 * A span as other processes name it, W3C's `traceparent`: version 00, trace, span, flags, such as
 * `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
 */

export type SpanName = { traceId: string; spanId: string; flags: number };

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

/** What a text names; undefined where it is no traceparent. A later version is read as far as 00 goes. */
export function readTraceparent(text: string): SpanName | undefined {
  const [all, traceId, spanId, flags, rest] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (text.startsWith('00-') && (rest !== '' || all !== text)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

export function writeTraceparent({ traceId, spanId, flags }: SpanName): string {
  return `00-${traceId}-${spanId}-${(flags & 1).toString(16).padStart(2, '0')}`;
}
