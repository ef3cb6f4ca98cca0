/**
 * The exposure log: one JSON line for every change of an order or of the account, so that the log alone shows
 * each order's whole life. It stops at a limit, with a last line that says so. Each line has `at`, `event`
 * and `exposureUsd`, and the order's client id:
 *
 * - `accepted`, after a `violation` if it was one; `refused` for insufficient buying power
 * - `cancel_requested` for every DELETE that reached a known order, `fill` for every part, `cancel` where a
 *   cancel was carried out
 * - `ended` once for every order, after its last fill: `status` filled, canceled, expired, rejected or
 *   replaced, and `filledQty`
 * - `account` for every answer of GET /v2/account, `cash` for a deposit or withdrawal
 */
import { createWriteStream, type WriteStream } from 'node:fs';

const MAX_LINES = 5_000_000;
const MAX_UNWRITTEN_BYTES = 64 * 1024 * 1024;

export type ExposureLine = Readonly<Record<string, string | number | boolean | null>>;

export interface ExposureLog {
  write(line: ExposureLine): void;
  close(): Promise<void>;
}

export const noExposureLog: ExposureLog = { write() {}, close: async () => {} };

/** Adds the account's number to every line, for an exchange with several accounts. */
export function ofAccount(log: ExposureLog, account: string): ExposureLog {
  return { write: (line) => log.write({ account, ...line }), close: () => log.close() };
}

/**
 * Appends to `file`. An error of the disk goes to `onError` once and ends the log, never the exchange.
 */
export function exposureLog(
  file: string,
  onError: (error: Error) => void,
  maxLines: number = MAX_LINES,
): ExposureLog {
  const stream: WriteStream = createWriteStream(file, { flags: 'a' });
  let lines = 0;
  let broken = false;
  function fail(error: Error): void {
    if (!broken) onError(error);
    broken = true;
  }
  stream.on('error', fail);
  return {
    write(line) {
      if (broken || lines > maxLines) return;
      lines += 1;
      if (stream.writableLength > MAX_UNWRITTEN_BYTES)
        return fail(new Error(`${file}: the disk is too slow; the log ends here`));
      stream.write(`${JSON.stringify(lines > maxLines ? { event: 'log_full', lines: maxLines } : line)}\n`);
    },
    close: () => new Promise((resolve) => (broken ? resolve() : stream.end(() => resolve()))),
  };
}
