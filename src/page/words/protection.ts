/** What the ledger says of an order as a victim, in a word and a tone. */
import type { OrderRow, Protected } from '../../json/live.ts';
import { countdown } from './format.ts';

/** `take`: stealing may take it. `safe`: a rule protects it. `busy`: it is on its way in or out. */
export type Standing = {
  tone: 'take' | 'safe' | 'busy' | 'unknown';
  glyph: string;
  word: string;
  /** What is left of a protection that ends by itself, ms of ledger time. */
  leftMs?: number;
};

const WORDS: Readonly<Record<string, Omit<Standing, 'leftMs'>>> = {
  takeable: { tone: 'take', glyph: '◆', word: 'take' },
  near: { tone: 'safe', glyph: '○', word: 'near' },
  cooldown: { tone: 'safe', glyph: '◷', word: 'cooldown' },
  fight: { tone: 'safe', glyph: '⚔\uFE0E', word: 'fight' },
  'often robbed': { tone: 'safe', glyph: '◷', word: 'often robbed' },
  young: { tone: 'safe', glyph: '◷', word: 'young' },
  probe: { tone: 'safe', glyph: '○', word: 'probe' },
  vip: { tone: 'safe', glyph: '○', word: 'vip' },
  exit: { tone: 'safe', glyph: '○', word: 'exit' },
  external: { tone: 'safe', glyph: '○', word: 'external' },
  cancelling: { tone: 'busy', glyph: '◌', word: 'cancelling' },
  reservation: { tone: 'busy', glyph: '◌', word: 'reserved' },
  'no price': { tone: 'unknown', glyph: '?', word: 'no price' },
};

export function standingOf(order: OrderRow, until: Protected | undefined, ledgerMs: number): Standing {
  const word = order.victim ?? order.state;
  const known = WORDS[word] ?? { tone: 'safe', glyph: '○', word };
  if (order.state === 'pending') return { ...known, word: 'waits for room' };
  if (until === undefined || until.by !== word) return known;
  const leftMs = Math.max(0, until.untilMs - ledgerMs);
  return { ...known, word: `${known.word} ${countdown(leftMs)}`, leftMs };
}
