/** The text of scenarios -> scenarios, unchecked: one object, an array, or one object on each line. */
import { closeSync, openSync, readSync } from 'node:fs';
import { plain } from '../../domain/decimal.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { unreadable } from '../../domain/file-fault.ts';
import { decode } from '../../planner/forecasts/decode.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_SCENARIOS = 100_000;
const CHUNK_BYTES = 1024 * 1024;
const STDIN = 0;

/**
 * Reads a file, or standard input for `-`.
 * @throws WorkstealError `invalid` if the file cannot be read or is too large
 */
export function readText(file: string): string {
  try {
    const descriptor = file === '-' ? STDIN : openSync(file, 'r');
    try {
      return decode(readAll(descriptor), nameOf(file));
    } finally {
      if (descriptor !== STDIN) closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof WorkstealError) throw error;
    throw unreadable(nameOf(file), error);
  }
}

function readAll(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let bytes = 0; bytes <= MAX_BYTES; ) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const length = readSome(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    bytes += length;
  }
  throw new Error(`more than ${MAX_BYTES} bytes`);
}

/** Waits while standard input, a terminal or a slow pipe, has no data yet. */
function readSome(descriptor: number, chunk: Buffer): number {
  while (true) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The file's name in messages. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** @throws WorkstealError `invalid` for text that is not JSON or JSON lines, is empty or too long */
export function splitScenarios(text: string, file: string): unknown[] {
  const scenarios = whole(text) ?? lines(text, file);
  const wrong = (why: string) =>
    new WorkstealError('invalid', `${nameOf(file)}: ${why}`, { field: 'file', value: file });
  if (scenarios.length === 0)
    throw wrong('no scenario in it; give an object, an array, or an object on each line');
  if (scenarios.length > MAX_SCENARIOS)
    throw wrong(`${scenarios.length} scenarios; at most ${MAX_SCENARIOS} are allowed`);
  return scenarios;
}

function whole(text: string): unknown[] | null {
  try {
    const value = parseExactly(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return null; // perhaps one on each line
  }
}

function lines(text: string, file: string): unknown[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [parseExactly(line)];
    } catch (error) {
      const why = `line ${at + 1} is not JSON (${(error as Error).message})`;
      throw new WorkstealError('invalid', `${nameOf(file)}: ${why}`, { field: 'file', value: file }, error);
    }
  });
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * Parses JSON, but keeps every number as text (without an exponent), so that no digit is lost to a double.
 */
export function parseExactly(text: string): unknown {
  const exact: Reviver = (_key, value, context) =>
    typeof value === 'number' ? plain(context?.source ?? String(value)) : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}
