/** Decides a whole journal again, and says what would have differed. */
import { WorkstealError } from '../domain/errors.ts';
import type { ScratchAccounts } from '../ledger/what-if/scratch.ts';
import { issueWords } from '../rules/issue-words.ts';
import { SETTING_KEYS, SETTING_TABLE } from '../rules/setting-table.ts';
import type { Env } from '../rules/settings.ts';
import { nearestName } from '../rules/unknown-names.ts';
import { asDecided, type Decided, decideAgain, whyNotAgain } from './again.ts';
import { type Recorded, readJournal, requireSequence } from './lines.ts';
import { CHANGEABLE } from './rules.ts';

/** Scratch accounts are removed after this many decisions. */
const CLEAR_EVERY = 500;

/** One decision that would have been another. */
export type Difference = {
  at: string;
  seq: number;
  atMs: number;
  order: string;
  symbol: string;
  was: Decided;
  would: Decided;
};

/** `left`: decisions that can't be made again, by why. `gaps`: that are missing. `torn`: cut-off files. */
export type Replayed = {
  decisions: number;
  differ: number;
  left: Map<string, number>;
  gaps: number;
  torn: string[];
};

/**
 * `NAME=value` each.
 * @throws WorkstealError `invalid` for what is no setting, or none that a recorded decision reads
 */
export function readChanges(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name = '', value = ''] = /^([A-Z0-9_]+)=(.*)$/s.exec(text) ?? [];
      const wrong = (why: string) =>
        new WorkstealError('invalid', `--set ${text.slice(0, 100)}: ${why}`, { field: 'set', value: name });
      if (name === '') throw wrong('write NAME=value, e.g. WORK_STEALING_PROTECTION=0.006');
      if (!CHANGEABLE.includes(name)) {
        const near = nearestName(name, [...CHANGEABLE]);
        throw wrong(
          `${name} can not be set for recorded decisions; ` +
            (near === undefined ? `these can:\n  ${CHANGEABLE.join('\n  ')}` : `did you mean ${near}?`),
        );
      }
      const key = SETTING_KEYS.find((one) => SETTING_TABLE[one].variable === name);
      const parsed = key && SETTING_TABLE[key].schema.safeParse(value, { error: issueWords });
      if (parsed?.success === false)
        throw wrong(parsed.error.issues.map(({ message }) => message).join('; '));
      return [name, value] as const;
    }),
  );
}

/**
 * Decides the files' decisions again, in order, with `changes` on top of their settings.
 * @param scratch of this replay alone: what is in it is removed first
 * @param onDifference called for each that differs
 * @throws WorkstealError `invalid` (with file and line), `settings`, `unavailable`
 */
export async function replay(
  files: readonly string[],
  changes: Env,
  scratch: ScratchAccounts,
  onDifference: (difference: Difference) => void,
  signal: AbortSignal,
): Promise<Replayed> {
  await requireSequence(files);
  await scratch.clear();
  const told: Replayed = { decisions: 0, differ: 0, left: new Map(), gaps: 0, torn: [] };
  const decide = async (recorded: Recorded): Promise<void> => {
    if (signal.aborted) return;
    told.decisions += 1;
    const why = whyNotAgain(recorded);
    if (why !== undefined) {
      told.left.set(why, (told.left.get(why) ?? 0) + 1);
      return;
    }
    const [was, would] = [
      asDecided(recorded),
      await decideAgain(scratch.account(told.decisions), recorded, changes),
    ];
    if (told.decisions % CLEAR_EVERY === 0) await scratch.clear();
    if (JSON.stringify(was) === JSON.stringify(would)) return;
    told.differ += 1;
    const { seq, atMs, wish } = recorded.line;
    onDifference({ at: recorded.at, seq, atMs, order: wish.id, symbol: wish.symbol, was, would });
  };
  for (const file of files) {
    const { gaps, torn } = await readJournal(file, decide);
    told.gaps += gaps;
    if (torn) told.torn.push(file);
  }
  return told;
}
