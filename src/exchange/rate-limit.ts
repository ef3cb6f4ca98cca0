/** The account's limit of requests per (real) minute, and its headers. */

export type RateAnswer = { allowed: boolean; headers: Readonly<Record<string, string>> };

const WINDOW_MS = 60_000;
/** The limit in the headers of an injected 429, where the account has none. */
const USUAL_PER_MINUTE = 200;

export class RateLimit {
  private readonly perMinute: number;
  private readonly nowMs: () => number;
  private window = -1;
  private used = 0;

  /** @param perMinute 0: no limit and no headers */
  constructor(perMinute: number, nowMs: () => number) {
    this.perMinute = perMinute;
    this.nowMs = nowMs;
  }

  /** The answer of `take` when the limit is used up, with a reset within two seconds. */
  refuse(): RateAnswer {
    const resetSeconds = Math.floor(this.nowMs() / 1000) + 2;
    return { allowed: false, headers: headersOf(this.perMinute || USUAL_PER_MINUTE, 0, resetSeconds) };
  }

  /** Counts one request. */
  take(): RateAnswer {
    if (this.perMinute === 0) return { allowed: true, headers: {} };
    const window = Math.floor(this.nowMs() / WINDOW_MS);
    if (window !== this.window) this.used = 0;
    this.window = window;
    this.used += 1;
    return {
      allowed: this.used <= this.perMinute,
      headers: headersOf(
        this.perMinute,
        Math.max(0, this.perMinute - this.used),
        ((window + 1) * WINDOW_MS) / 1000,
      ),
    };
  }
}

/** `resetSeconds`: Unix time. */
function headersOf(limit: number, remaining: number, resetSeconds: number): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(resetSeconds),
  };
}
