/** The lines of a journal, and how they are read: with the file and the line in every message. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { unreadable } from '../domain/file-fault.ts';
import { issueWords } from '../rules/issue-words.ts';
import { apply, DECISION, type DecisionLine, emptyTables, type Tables } from './seen.ts';

const VERSION = 1;
/** A decision over the largest book that is written takes less. */
const MAX_CHARACTERS = 4_000_000;

/** The first line of each file. What a file tells begins anew with it. */
const HEADER = z.strictObject({
  type: z.literal('journal'),
  version: z.literal(VERSION, { error: `is not ${VERSION}: the journal of another version` }),
  account: z.string(),
  writtenAtMs: z.int().describe('real time'),
});
/** The rules in force from here on. */
const SETTINGS = z.strictObject({
  type: z.literal('settings'),
  fingerprint: z.string(),
  settings: z.record(z.string(), z.string()),
});
/** An event of the ledger, as `worksteal tail --json` has it: plans, fills, ends. */
const EVENT = z.looseObject({ type: z.literal('event'), event: z.looseObject({ type: z.string() }) });
/** So many decisions are missing here: the recorder came too late for them. */
const GAP = z.strictObject({ type: z.literal('gap'), missed: z.int().min(1) });

const LINE = z.discriminatedUnion('type', [HEADER, SETTINGS, EVENT, GAP, DECISION]);
export type Line = z.output<typeof LINE>;

export function headerLine(account: string, writtenAtMs: number): Line {
  return { type: 'journal', version: VERSION, account, writtenAtMs };
}

/** A decision with all that it saw, and the rules by which it was made. `at`: `FILE: line N`. */
export type Recorded = {
  at: string;
  line: DecisionLine;
  tables: Tables;
  settings: Readonly<Record<string, string>>;
};

/** `gaps`: decisions that are missing. `torn`: the last line was cut off, as where a disk was full. */
export type Reading = { gaps: number; torn: boolean };

/**
 * Calls `onDecision` for each decision of the file, in order, and waits for it. The tables are valid until it
 * returns. A last line without its end is left out.
 * @throws WorkstealError `invalid`, with file and line, for what is no journal
 */
export async function readJournal(
  file: string,
  onDecision: (recorded: Recorded) => Promise<void> | void,
): Promise<Reading> {
  const reading: Reading = { gaps: 0, torn: false };
  let tables = emptyTables();
  let rules: { fingerprint: string; settings: Readonly<Record<string, string>> } | undefined;
  let number = 0;
  for await (const { text, ended } of linesOf(file)) {
    number += 1;
    const at = `${file}: line ${number}`;
    if (text === '' && number > 1) continue;
    let line: Line;
    try {
      line = parseLine(text, at);
    } catch (error) {
      if (ended) throw error;
      reading.torn = true;
      break;
    }
    if (number === 1 && line.type !== 'journal') throw invalid(at, 'is not the begin of a journal');
    if (line.type === 'journal') tables = emptyTables();
    else if (line.type === 'settings') rules = line;
    else if (line.type === 'gap') reading.gaps += line.missed;
    else if (line.type === 'decision') {
      if (rules === undefined) throw invalid(at, 'has no settings before it');
      apply(tables, line.changed);
      await onDecision({ at, line, tables, settings: rules.settings });
    }
  }
  if (number === 0) throw invalid(file, 'is empty');
  return reading;
}

/**
 * The account of a journal, and when it was begun.
 * @throws WorkstealError `invalid`, with file and line, for what is no journal
 */
async function readHeader(file: string): Promise<z.output<typeof HEADER>> {
  for await (const { text } of linesOf(file)) {
    const line = parseLine(text, `${file}: line 1`);
    if (line.type === 'journal') return line;
    throw invalid(`${file}: line 1`, 'is not the begin of a journal');
  }
  throw invalid(file, 'is empty');
}

/**
 * That journals which are read as one are of one account, each once and the oldest first.
 * @throws WorkstealError `invalid`, with the file, where they are not
 */
export async function requireSequence(files: readonly string[]): Promise<void> {
  let before: { file: string; account: string; writtenAtMs: number } | undefined;
  for (const [at, file] of files.entries()) {
    if (files.indexOf(file) !== at) throw invalid(file, 'is given twice; give it once');
    const { account, writtenAtMs } = await readHeader(file);
    if (before !== undefined && account !== before.account)
      throw invalid(file, `is of account ${account}, ${before.file} of ${before.account}; give those of one`);
    if (before !== undefined && writtenAtMs < before.writtenAtMs)
      throw invalid(file, `was begun before ${before.file}; give the oldest first`);
    before = { file, account, writtenAtMs };
  }
}

function parseLine(text: string, at: string): Line {
  if (text.length > MAX_CHARACTERS) throw invalid(at, `has ${text.length} characters`);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw invalid(at, `is not JSON (${(error as Error).message})`);
  }
  const parsed = LINE.safeParse(raw, { error: issueWords });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(at, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is no line of a journal'}`);
}

/** Each line, and whether its end was there. */
async function* linesOf(file: string): AsyncGenerator<{ text: string; ended: boolean }> {
  const input = createReadStream(file, 'utf8');
  let last = '\n';
  input.on('data', (chunk) => {
    last = chunk.at(-1) as string;
  });
  let before: string | undefined;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (before !== undefined) yield { text: before, ended: true };
      before = text;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (before !== undefined) yield { text: before, ended: last === '\n' };
}

function invalid(at: string, what: string): WorkstealError {
  return new WorkstealError('invalid', `${at}: ${what}; a journal is written by worksteal record`, {
    field: 'file',
    value: at,
  });
}
