/**
 * A stream of forecasts, one JSON object per line. Lines are filed as they arrive. A blank line, or the end
 * of the stream, ends a set; then plans that are not in the set are withdrawn.
 */
import { StringDecoder } from 'node:string_decoder';
import { untilAborted } from './read-source.ts';
import { type Line, MAX_LINE, MAX_ROWS } from './rows.ts';

export type LineSink = {
  /** New lines of a set that has not ended. */
  update: (lines: readonly Line[]) => Promise<void>;
  /** All lines of a set that has ended. */
  commit: (lines: readonly Line[]) => Promise<void>;
};

/** Resolves at the end of the stream, or when the signal aborts: then nothing is committed. */
export async function followLines(
  stream: AsyncIterable<Uint8Array | string>,
  sink: LineSink,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let set: Line[] = [];
  let updated = 0;
  let number = 0;
  let rest = '';
  const take = async (text: string): Promise<void> => {
    number += 1;
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    // Keeps one line more than allowed, so that the reader refuses the set.
    if (line.trim() !== '') {
      if (set.length <= MAX_ROWS) set.push({ line: number, text: line });
    } else if (set.length > 0) {
      await sink.commit(set);
      set = [];
      updated = 0;
    }
  };
  for await (const chunk of untilAborted(stream, signal)) {
    const lines = decoder.write(Buffer.from(chunk as Uint8Array)).split('\n');
    lines[0] = cut(rest) + (lines[0] ?? '');
    rest = cut(lines.pop() ?? '');
    for (const line of lines) await take(cut(line));
    if (set.length > updated) await sink.update(set.slice(updated));
    updated = set.length;
  }
  if (signal.aborted) return;
  if (rest !== '') await take(rest);
  if (set.length > 0) await sink.commit(set);
}

/** Cuts a line, but leaves it too long to be accepted. */
function cut(text: string): string {
  return text.slice(0, MAX_LINE + 1);
}
