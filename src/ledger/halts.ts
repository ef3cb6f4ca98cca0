/** The record of halts (lua/include/halts.lua): who halted and resumed the account, when, and why. */
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** `atMs`: ledger time. `by`: '' if unknown. */
export type HaltNote = { atMs: number; what: 'halted' | 'resumed'; by: string; reason: string };

/** The latest records, newest first; at most 20. @throws WorkstealError `unavailable` */
export async function readHalts({ redis, account }: Ledger): Promise<HaltNote[]> {
  const texts = await answerOf('halts', redis.lrange(key(account, 'halts'), 0, -1));
  return texts.flatMap((text) => noteOf(text) ?? []);
}

/** The reasons of the halt in force, the first one first; empty while the account is not halted. */
export function reasonsInForce(notes: readonly HaltNote[]): HaltNote[] {
  const end = notes.findIndex(({ what }) => what === 'resumed');
  return notes.slice(0, end === -1 ? notes.length : end).reverse();
}

function noteOf(text: string): HaltNote | undefined {
  const [, atMs, what, by = '', reason = ''] = /^(\d+) (halted|resumed) (\S+) (.*)$/.exec(text) ?? [];
  if (atMs === undefined) return undefined;
  return { atMs: Number(atMs), what: what as HaltNote['what'], by: by === '-' ? '' : by, reason };
}
