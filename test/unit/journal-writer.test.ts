/** The files of a journal (src/journal/writer.ts). */
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { JournalWriter } from '../../src/journal/writer.ts';

it('a journal of events alone keeps within its files, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
  const writer = new JournalWriter(join(folder, 'j'), 'main', { maxBytes: 1_000, keep: 3 });
  for (let at = 0; at < 500; at += 1) writer.other({ type: 'event', event: { type: 'ticked', id: `${at}` } });
  writer.close();
  expect(readdirSync(folder).sort()).toEqual(['j', 'j.1', 'j.2']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(1_200);
});
