/** A finding of `worksteal check` or `doctor`, and the facts that it is made of. */
import { ZodError } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { redisFault } from '../../redis/connection-fault.ts';

/**
 * `well`: null if unknown. `next`: what to do about it; '' if nothing. `cause`: a word, of a check that may
 * be bad for several.
 */
export type Finding = {
  check: string;
  well: boolean | null;
  words: string;
  next: string;
  cause?: string;
};

export const well = (check: string, words: string): Finding => ({ check, well: true, words, next: '' });
export const bad = (check: string, words: string, next: string): Finding => ({
  check,
  well: false,
  words,
  next,
});
export const unknown = (check: string, why: string, next = ''): Finding => ({
  check,
  well: null,
  words: `can't say: ${why}`,
  next,
});

/** An answer, or why it is missing, as a sentence. */
export type Fact<T> = { value: T } | { missing: string };

/** Asks for a fact. @throws WorkstealError `unknown`: then there is no such account */
export async function fact<T>(ask: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'unknown') throw error;
    return { missing: wordsOf(error) };
  }
}

/** Why an answer is missing; what Redis said is put into words. */
export function wordsOf(error: unknown): string {
  if (error instanceof WorkstealError) return error.message;
  if (error instanceof ZodError) return 'the answer is not one that is expected here';
  return redisFault({ url: '' }, error).words;
}

/** Judges one fact, or says why it is unknown. */
export function judge<T>(check: string, fact: Fact<T>, of: (value: T) => Finding): Finding {
  return 'value' in fact ? of(fact.value) : unknown(check, fact.missing);
}
