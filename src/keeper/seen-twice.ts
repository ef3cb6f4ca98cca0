/**
 * A report that lowers what counts is believed when it was seen twice, at least one sync interval apart: the
 * broker's list may be out of date. A report that raises it is believed at once (I1).
 */
export class SeenTwice {
  readonly #apartMs: number;
  readonly #monotonicMs: () => number;
  /** Subject -> what was seen in the last round, and when first. */
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

  /** @returns whether the same was seen before, at least `apartMs` ago */
  again(about: string, what: string): boolean {
    const before = this.#before.get(about);
    const nowMs = this.#monotonicMs();
    const atMs = before?.what === what ? before.atMs : nowMs;
    this.#now.set(about, { what, atMs });
    return atMs !== nowMs && nowMs - atMs >= this.#apartMs;
  }
}
