/**
 * Why an account can be closed for entries, besides `halted` and `unsynced`. Several causes can hold at once.
 */
export const CLOSURE_CAUSES = ['broker', 'account', 'fleet', 'fault'] as const;

export type ClosureCause = (typeof CLOSURE_CAUSES)[number];

/** One sentence per cause, for people. */
export const CLOSURE_SENTENCES: Record<ClosureCause, string> = {
  broker: 'the broker accepts no orders for this account',
  account: 'the API keys belong to a different account than the ledger',
  fleet: 'another fleet trades on this account',
  fault: 'a key of the ledger is missing or damaged',
};

const MAX_WORDS_BYTES = 256;

/**
 * Text in the form the ledger accepts: control characters become spaces; cut off after 256 bytes of UTF-8.
 */
export function shortWords(words: string): string {
  const plain = words
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  let cut = plain.slice(0, MAX_WORDS_BYTES);
  while (Buffer.byteLength(cut) > MAX_WORDS_BYTES) cut = cut.slice(0, -1);
  return cut.toWellFormed(); // the cut may have split a surrogate pair
}
