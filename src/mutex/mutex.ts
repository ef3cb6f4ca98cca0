/**
 * The mutex behind the steal path and the keeper's election. It is a courtesy, not a guard
 * (docs/architecture.md, 4): it can be lost at any moment. So a commit passes `value` to the ledger, which
 * checks it in the same step.
 */

/** A lock that was held when it was handed out. */
export type Held = {
  /** The value of the key while this holder has the lock; the ledger compares it at a commit. */
  readonly value: string;
  /**
   * Holds the lock for ttlMs from now on; false when it was lost.
   * @throws WorkstealError `timeout` when Redis did not answer.
   */
  extend(ttlMs: number): Promise<boolean>;
  /**
   * Releases the lock. Tries once and never throws: if it fails, the lock ends with its ttl.
   */
  release(): Promise<void>;
};

export interface Mutex {
  /**
   * Waits until the lock is free and takes it for ttlMs; bounded by the mutex's own deadline.
   * @throws WorkstealError `timeout` when the lock did not become free in that time; the signal's reason when
   *   that aborts.
   */
  acquire(resource: string, ttlMs: number, signal?: AbortSignal): Promise<Held>;
  /** Tries once; undefined when somebody else holds it or Redis does not answer. */
  tryAcquire(resource: string, ttlMs: number): Promise<Held | undefined>;
}
