/** Writes a file that a command was asked for. */
import { writeFileSync } from 'node:fs';
import { unwritable } from '../domain/file-fault.ts';

/** Takes the place of an earlier one. @throws WorkstealError `invalid` that says why it can't be written */
export function saveFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
}
