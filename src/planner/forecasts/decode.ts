/** Bytes -> text: UTF-8, or UTF-16 by its byte order mark (PowerShell, Excel), compressed by gzip or not. */
import { gunzipSync } from 'node:zlib';
import { WorkstealError } from '../../domain/errors.ts';
import { MAX_BYTES } from './rows.ts';

const GZIP = [0x1f, 0x8b];

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
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]))
    throw noText(name, 'an Excel workbook or another archive: save it as CSV (UTF-8)');
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
