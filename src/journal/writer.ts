/**
 * A journal on disk: one file that is written, and a few older ones beside it (FILE.1, FILE.2, ...). Each can
 * be read alone. A disk that is full loses lines, not the process that records: it throws.
 */
import {
  closeSync,
  existsSync,
  fchmodSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { unwritable } from '../domain/file-fault.ts';
import { headerLine, type Line } from './lines.ts';
import { requireReplaceable } from './replaceable.ts';
import { changesBetween, type DecisionLine, emptyTables, type Tables } from './seen.ts';

/** `maxBytes`: of one file. `keep`: how many files in all, from 1. */
export type Bounds = { maxBytes: number; keep: number };

export class JournalWriter {
  readonly #file: string;
  readonly #account: string;
  readonly #bounds: Bounds;
  #descriptor: number | undefined;
  #bytes = 0;
  #tables = emptyTables();
  #rules: Extract<Line, { type: 'settings' }> | undefined;

  /**
   * A journal that is there becomes FILE.1 first.
   * @throws WorkstealError `invalid` where it can't be written, or something else has one of the names; then
   *   nothing was moved
   */
  constructor(file: string, account: string, bounds: Bounds) {
    this.#file = file;
    this.#account = account;
    this.#bounds = bounds;
    this.#begin();
  }

  /** The rules by which the next decisions are made. */
  settings(fingerprint: string, settings: Record<string, string>): void {
    this.#rules = { type: 'settings', fingerprint, settings };
    this.#write(this.#rules);
  }

  /** A decision, with what changed since the last one in this file. */
  decision(line: Omit<DecisionLine, 'changed'>, tables: Tables): void {
    this.#makeRoom();
    // A decision over a book that was too large saw no tables.
    const seen = line.cut ? this.#tables : tables;
    const changed = changesBetween(this.#tables, seen);
    this.#tables = seen;
    this.#write({ ...line, changed });
  }

  /** Any other line. */
  other(line: Extract<Line, { type: 'event' | 'gap' }>): void {
    this.#makeRoom();
    this.#write(line);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #makeRoom(): void {
    if (this.#bytes >= this.#bounds.maxBytes) this.#begin();
  }

  #begin(): void {
    this.close();
    for (let at = 0; at < this.#bounds.keep; at += 1) requireReplaceable(this.#nameOf(at));
    try {
      if (existsSync(this.#file) && statSync(this.#file).size > 0) this.#rotate();
      this.#descriptor = openSync(this.#file, 'w', 0o600);
      fchmodSync(this.#descriptor, 0o600); // an empty file that was there keeps its rights
    } catch (error) {
      throw unwritable(this.#file, error);
    }
    this.#bytes = 0;
    this.#tables = emptyTables();
    this.#write(headerLine(this.#account, Date.now()));
    if (this.#rules !== undefined) this.#write(this.#rules);
  }

  /** FILE -> FILE.1 -> FILE.2 ...; the oldest goes. */
  #rotate(): void {
    const last = this.#bounds.keep - 1;
    rmSync(this.#nameOf(last), { force: true });
    for (let at = last - 1; at >= 0; at -= 1)
      if (existsSync(this.#nameOf(at))) renameSync(this.#nameOf(at), this.#nameOf(at + 1));
  }

  #nameOf(at: number): string {
    return at === 0 ? this.#file : `${this.#file}.${at}`;
  }

  #write(line: Line): void {
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      if (this.#descriptor !== undefined) writeSync(this.#descriptor, text);
    } catch (error) {
      throw unwritable(this.#file, error);
    }
    this.#bytes += text.length;
  }
}
