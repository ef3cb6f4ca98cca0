/** Reads a file or a stream of forecasts, up to a limit of bytes. */
import { readFile, stat } from 'node:fs/promises';
import { WorkstealError } from '../../domain/errors.ts';
import { unreadable } from '../../domain/file-fault.ts';
import { decode } from './decode.ts';
import { MAX_BYTES } from './rows.ts';

/** @throws WorkstealError `invalid` when the file is missing, unreadable or too large */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_BYTES) return decode(await readFile(path), path);
    throw tooLarge(path);
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw unreadable(path, error);
  }
}

/**
 * Reads the stream to its end.
 * @throws WorkstealError `invalid` when it is too large; `unavailable` when the signal aborts before the end
 */
export async function readStream(
  stream: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of untilAborted(stream, signal)) {
    const buffer = Buffer.from(chunk as Uint8Array);
    bytes += buffer.length;
    if (bytes > MAX_BYTES) throw tooLarge('standard input');
    chunks.push(buffer);
  }
  if (signal.aborted)
    throw new WorkstealError('unavailable', 'stopped before the end of standard input; nothing was filed');
  return decode(Buffer.concat(chunks), 'standard input');
}

/** The chunks of a stream, until its end or until the signal aborts. */
export async function* untilAborted<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const { promise: stopped, resolve } = Promise.withResolvers<{ done: true; value: undefined }>();
  const stop = (): void => resolve({ done: true, value: undefined });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), stopped]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not `iterator.return()`: that would wait for the stream's next chunk.
    if (signal.aborted && 'destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  }
}

function tooLarge(name: string): WorkstealError {
  return new WorkstealError('invalid', `${name}: larger than ${MAX_BYTES / 1024 / 1024} MiB`, {
    field: 'file',
    value: name,
  });
}
