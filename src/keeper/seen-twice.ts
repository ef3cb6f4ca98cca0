/**
 * What lowers what is counted is believed when it was seen twice, at least one sync interval apart: a list
 * may be older than what is known already. What raises it is believed at once (I1).
 */
export class SeenTwice {
  readonly #apartMs: number;
  readonly #monotonicMs: () => number;
  /** By what it is about: what was seen, and when first. Only what was seen in the last round. */
  #before = new Map<string, { what: string; atMs: number }>();
  #now = new Map<string, { what: string; atMs: number }>();

  constructor(apartMs: number, monotonicMs: () => number) {
    this.#apartMs = apartMs;
    this.#monotonicMs = monotonicMs;
  }

  /** A round begins: what it does not see again is forgotten. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** @returns whether the same was seen before, long enough ago */
  again(about: string, what: string): boolean {
    const before = this.#before.get(about);
    const nowMs = this.#monotonicMs();
    const atMs = before?.what === what ? before.atMs : nowMs;
    this.#now.set(about, { what, atMs });
    return atMs !== nowMs && nowMs - atMs >= this.#apartMs;
  }
}
