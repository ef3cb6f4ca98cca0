/** Requests a real minute for the whole account, as its headers tell. */

export type RateAnswer = { allowed: boolean; headers: Readonly<Record<string, string>> };

const WINDOW_MS = 60_000;

export class RateLimit {
  private readonly perMinute: number;
  private readonly nowMs: () => number;
  private window = -1;
  private used = 0;

  /** 0: no limit and no headers. */
  constructor(perMinute: number, nowMs: () => number) {
    this.perMinute = perMinute;
    this.nowMs = nowMs;
  }

  take(): RateAnswer {
    if (this.perMinute === 0) return { allowed: true, headers: {} };
    const window = Math.floor(this.nowMs() / WINDOW_MS);
    if (window !== this.window) this.used = 0;
    this.window = window;
    this.used += 1;
    return {
      allowed: this.used <= this.perMinute,
      headers: {
        'X-RateLimit-Limit': String(this.perMinute),
        'X-RateLimit-Remaining': String(Math.max(0, this.perMinute - this.used)),
        'X-RateLimit-Reset': String(((window + 1) * WINDOW_MS) / 1000),
      },
    };
  }
}
