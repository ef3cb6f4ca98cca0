/** Bytes -> text: UTF-8, or UTF-16 by its byte order mark (PowerShell, Excel), compressed by gzip or not. */
import { gunzipSync } from 'node:zlib';
import { WorkstealError } from '../../domain/errors.ts';
import { MAX_BYTES } from './rows.ts';

const GZIP = [0x1f, 0x8b];
const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));

/** What a file is by its first bytes, and what to do about it. The marks of UTF-32 begin like UTF-16's. */
const OTHERS: readonly (readonly [mark: readonly number[], what: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32: save it as UTF-8'],
  [[0, 0, 0xfe, 0xff], 'UTF-32: save it as UTF-8'],
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook or another archive: save it as CSV (UTF-8)'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook: save it as CSV (UTF-8)'],
  [ascii('PAR1'), 'Parquet: save it as CSV or JSON lines'],
  [ascii('ARROW1'), 'Arrow (feather): save it as CSV or JSON lines'],
  [ascii('SQLite format 3'), 'a database: save the rows as CSV'],
  [ascii('%PDF'), 'a PDF: save the rows as CSV'],
  [ascii('BZh'), 'compressed by bzip2: unpack it, or use gzip'],
  [[0xfd, ...ascii('7zXZ')], 'compressed by xz: unpack it, or use gzip'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed by zstd: unpack it, or use gzip'],
];

/**
 * @param name the file's name, for messages
 * @returns the text, without its byte order mark
 * @throws WorkstealError `invalid` for other encodings and binary files; the message names the likely format
 */
export function decode(bytes: Uint8Array, name: string): string {
  if (!startsWith(bytes, GZIP)) return textOf(bytes, name);
  const unpacked = unzipped(bytes, name);
  // There are gzip files that unpack to themselves.
  if (startsWith(unpacked, GZIP)) throw noText(name, 'compressed twice: unpack it once');
  return textOf(unpacked, name);
}

function textOf(bytes: Uint8Array, name: string): string {
  const other = OTHERS.find(([mark]) => startsWith(bytes, mark));
  if (other !== undefined) throw noText(name, other[1]);
  if (startsWith(bytes, [0xff, 0xfe])) return new TextDecoder('utf-16le').decode(bytes);
  if (startsWith(bytes, [0xfe, 0xff])) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, 1_000).filter((byte) => byte === 0).length > 0)
    throw noText(name, 'UTF-16 without a byte order mark, or binary: save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw noText(name, 'not UTF-8: save it as UTF-8');
  }
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

function unzipped(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isLarge = code === 'ERR_BUFFER_TOO_LARGE';
    const why = isLarge
      ? `more than ${MAX_BYTES / 1024 / 1024} MiB when unpacked`
      : `broken gzip (${message})`;
    throw noText(name, why);
  }
}

function noText(name: string, what: string): WorkstealError {
  return new WorkstealError('invalid', `${name}: it is ${what}`, { field: 'file', value: name });
}
