/**
 * The mutex behind the steal path and the keeper's election. It is a courtesy, not a guard
 * (docs/architecture.md, 4): it can be lost at any moment, so whoever commits something has the ledger check
 * `value` in the same step.
 */

/** A lock that was held when it was handed out. */
export type Held = {
  /** What the key holds while the lock is ours; the ledger compares it at a commit. */
  readonly value: string;
  /**
   * Holds it for ttlMs from now on; false when it is ours no more.
   * @throws WorkstealError `timeout` when Redis did not answer.
   */
  extend(ttlMs: number): Promise<boolean>;
  /**
   * Gives it back. Tried once: a lock that is gone already, or that can't be given back, ends with its ttl.
   * Never throws.
   */
  release(): Promise<void>;
};

export interface Mutex {
  /**
   * Waits until the lock is free and takes it for ttlMs; bounded by the mutex's own deadline.
   * @throws WorkstealError `timeout` when it was not to be had in that time; the signal's reason when that
   *   aborts.
   */
  acquire(resource: string, ttlMs: number, signal?: AbortSignal): Promise<Held>;
  /** Tries once; undefined when it is not to be had now. */
  tryAcquire(resource: string, ttlMs: number): Promise<Held | undefined>;
}
