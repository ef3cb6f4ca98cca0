/**
 * A stream of forecasts, one JSON object a line. Lines are filed as they come; a blank line, or the end of
 * the stream, ends a set: what the set did not name is withdrawn then.
 */
import { StringDecoder } from 'node:string_decoder';
import { untilAborted } from './read-source.ts';
import { type Line, MAX_LINE, MAX_ROWS } from './rows.ts';

export type LineSink = {
  /** New lines of a set that goes on. */
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
    // One more than may be, so that whoever counts them refuses the set.
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
    lines[0] = kept(rest) + (lines[0] ?? '');
    rest = kept(lines.pop() ?? '');
    for (const line of lines) await take(kept(line));
    if (set.length > updated) await sink.update(set.slice(updated));
    updated = set.length;
  }
  if (signal.aborted) return;
  if (rest !== '') await take(rest);
  if (set.length > 0) await sink.commit(set);
}

/** As much of a line as tells that it is too long. */
function kept(text: string): string {
  return text.slice(0, MAX_LINE + 1);
}
