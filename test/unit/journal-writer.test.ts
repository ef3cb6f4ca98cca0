/** The files of a journal (src/journal/writer.ts). */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JournalWriter } from '../../src/journal/writer.ts';

it('a journal of events alone keeps within its files, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
  const writer = new JournalWriter(join(folder, 'j'), 'main', { maxBytes: 1_000, keep: 3 });
  for (let at = 0; at < 500; at += 1) writer.other({ type: 'event', event: { type: 'ticked', id: `${at}` } });
  writer.close();
  expect(readdirSync(folder).sort()).toEqual(['j', 'j.1', 'j.2']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(1_200);
});

describe('what has the name of the journal and is none is left as it is', () => {
  const BOUNDS = { maxBytes: 1_000, keep: 3 };
  const begin = (file: string): void => new JournalWriter(file, 'main', BOUNDS).close();

  it('a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
    mkdirSync(join(folder, 'tmp'));
    const example = join(folder, 'tmp', 'journal.jsonl');
    expect(() => begin(join(folder, 'tmp'))).toThrow(
      `tmp: is a folder; name the file to write, such as ${example}`,
    );
    expect(readdirSync(folder)).toEqual(['tmp']);
  });

  it('a device', () => {
    expect(() => begin('/dev/null')).toThrow('/dev/null: is no regular file; name another one');
  });

  it.each(['j', 'j.2'])('a file of something else, %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
    begin(join(folder, 'j'));
    writeFileSync(join(folder, name), '{"type":"orders"}\nmine\n');
    const before = readdirSync(folder);
    expect(() => begin(join(folder, 'j'))).toThrow(
      `${name}: is there and is no journal; name another file, or move this one away`,
    );
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('{"type":"orders"}\nmine\n');
  });

  it('but an empty file is used, and a journal becomes the one before', () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
    writeFileSync(join(folder, 'j'), '');
    begin(join(folder, 'j'));
    expect(readdirSync(folder)).toEqual(['j']);
    begin(join(folder, 'j'));
    expect(readdirSync(folder).sort()).toEqual(['j', 'j.1']);
  });
});
