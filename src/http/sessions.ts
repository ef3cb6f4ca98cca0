/**
 * Sessions of browsers. A page exchanges its token for a cookie, because an EventSource sends no headers and
 * a token must not stand in a URL. A session has the rights of its token and ends with it.
 */
import { randomBytes } from 'node:crypto';
import { hashOf } from './token-file.ts';
import type { Token } from './tokens.ts';

const LIFE_MS = 12 * 3_600_000;
/** The oldest ends when there are more. */
const MAX_SESSIONS = 1_000;

type Session = { token: Token; untilMs: number; end: AbortController };

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Begins a session of the token: the cookie's value, and for how long. */
  begin(token: Token): { id: string; lifeMs: number } {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#drop(oldest);
    const id = randomBytes(32).toString('base64url');
    const end = new AbortController();
    const revoked = AbortSignal.any([token.revoked, end.signal]);
    const untilMs = this.#monotonicMs() + LIFE_MS;
    // By its hash: looking it up takes the same time whatever was sent.
    const key = hashOf(id);
    this.#sessions.set(key, { token: { ...token, revoked }, untilMs, end });
    token.revoked.addEventListener('abort', () => this.#drop(key), { once: true });
    return { id, lifeMs: LIFE_MS };
  }

  /** The token of a session, whose `revoked` also aborts when the session ends. */
  find(id: string): Token | undefined {
    const key = hashOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    if (!session.token.revoked.aborted && this.#monotonicMs() < session.untilMs) return session.token;
    this.#drop(key);
    return undefined;
  }

  end(id: string): void {
    this.#drop(hashOf(id));
  }

  #drop(key: string): void {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    session?.end.abort();
  }
}
