/** A budget of requests to the broker, as an adapter uses it. src/broker/limiter.ts shares one by Redis. */

/** The classes of requests; an earlier one comes before the later ones. */
export const PRIORITIES = ['cancel', 'submit', 'query'] as const;
/** What a request is for. */
export type Priority = (typeof PRIORITIES)[number];

/** The account's budget of requests: an adapter takes from it before each request. */
export interface Limiter {
  /**
   * Resolves when one request may be sent. Within a process and a class the order is first come, first
   * served.
   * @throws WorkstealError `timeout` where no point was free within the longest wait, or the signal aborted;
   *   `unavailable` where Redis did not answer. In each of these cases the request must not be sent.
   */
  take(options?: { priority?: Priority; signal?: AbortSignal | undefined }): Promise<void>;
}
