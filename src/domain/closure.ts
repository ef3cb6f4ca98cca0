/**
 * Why an account can be closed for entries, beside `halted` and `unsynced`. Several causes can hold at once.
 */
export const CLOSURE_CAUSES = ['broker', 'account', 'fleet', 'fault'] as const;

export type ClosureCause = (typeof CLOSURE_CAUSES)[number];

/** What each cause says of itself, for people. */
export const CLOSURE_SENTENCES: Record<ClosureCause, string> = {
  broker: 'the broker takes no orders of this account',
  account: 'the keys belong to another account than the ledger',
  fleet: 'another fleet trades on this account',
  fault: 'a key of the ledger is missing or damaged',
};

const MAX_WORDS_BYTES = 256;

/** Words as the ledger takes them: control characters become blanks, what is beyond 256 bytes is cut off. */
export function shortWords(words: string): string {
  const plain = words
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  let cut = plain.slice(0, MAX_WORDS_BYTES);
  while (Buffer.byteLength(cut) > MAX_WORDS_BYTES) cut = cut.slice(0, -1);
  return cut.toWellFormed(); // a cut goes through the middle of a character, perhaps
}
