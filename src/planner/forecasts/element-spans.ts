/**
 * Where the elements of a JSON list are in its text, which JSON.parse does not report. The text must be valid
 * JSON.
 */

/** The line an element begins at, from 1, and its length in characters. */
export type ElementSpan = { line: number; length: number };

const STEPS: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };

/** For the list that is the whole text, or the value of `forecasts`. */
export function elementSpans(text: string): ElementSpan[] {
  const spans: ElementSpan[] = [];
  const start = listStart(text);
  let line = text.slice(0, start).split('\n').length;
  let depth = 0;
  let begin = -1;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '\n') line += 1;
    if (char <= ' ') continue;
    if (depth === 0 && (char === ',' || char === ']')) {
      const span = spans.at(-1);
      if (begin >= 0 && span !== undefined) span.length = at - begin;
      if (char === ']') break;
      begin = -1;
      continue;
    }
    if (begin < 0) {
      begin = at;
      spans.push({ line, length: 0 });
    }
    if (char === '"') at = endOfString(text, at);
    depth += STEPS[char] ?? 0;
  }
  return spans;
}

/** The index after the list's opening bracket. */
function listStart(text: string): number {
  if (text.trimStart().startsWith('[')) return text.indexOf('[') + 1;
  const named = /"forecasts"\s*:\s*\[/.exec(text);
  return named === null ? text.length : named.index + named[0].length;
}

function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
