/** Whether the account admits entries, in words. */
import type { LiveStatus } from '../../json/live.ts';
import { dollars, duration } from './format.ts';

/** `tone` is shown by a glyph, too. */
export type Admission = { tone: 'good' | 'bad' | 'unknown'; word: string; why: string };

export const UNKNOWN: Admission = { tone: 'unknown', word: 'unknown', why: '' };

const SHOWN_CHARACTERS = 120;

/** @param serverMs the server's time now */
export function admissionOf(status: LiveStatus, serverMs: number): Admission {
  switch (status.admits) {
    case 'yes':
      return { tone: 'good', word: 'admits', why: '' };
    case 'halted': {
      const [first] = status.halts;
      const by = first?.by ? ` by ${first.by}` : '';
      return { tone: 'bad', word: 'halted', why: `${by}${first?.reason ? `: ${first.reason}` : ''}`.trim() };
    }
    case 'closed': {
      const words = status.closures.map(({ cause, words }) => words ?? cause);
      return { tone: 'bad', word: 'closed', why: short(words.join('; ')) };
    }
    case 'unsynced': {
      const age = status.syncedAtMs === 0 ? 'never reconciled' : ago(serverMs - status.syncedAtMs);
      const failure = status.failure === null ? '' : `: ${status.failure}`;
      return { tone: 'bad', word: 'unsynced', why: short(`${age}${failure}`) };
    }
    case 'over': {
      const over = status.pools.filter(({ roomMicros }) => roomMicros < 0);
      const words = over.map(({ pool, roomMicros }) => `${pool} by ${dollars(-roomMicros)}`);
      return { tone: 'bad', word: 'over the cap', why: words.join(', ') };
    }
  }
}

const ago = (ms: number): string => `reconciled ${duration(ms)} ago`;

function short(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
