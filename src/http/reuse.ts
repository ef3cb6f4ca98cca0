/** A reading that many callers share: at most one is under way, and its answer serves for a while. */

/**
 * @param ms how old an answer may be, counted from the beginning of its reading; one that failed is not kept
 */
export function reuse<T>(
  ms: number,
  read: () => Promise<T>,
  monotonicMs: () => number = () => performance.now(),
): () => Promise<T> {
  let kept: { answer: Promise<T>; fromMs: number } | undefined;
  return () => {
    if (kept !== undefined && monotonicMs() - kept.fromMs < ms) return kept.answer;
    const mine = { answer: read(), fromMs: monotonicMs() };
    kept = mine;
    mine.answer.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine.answer;
  };
}
