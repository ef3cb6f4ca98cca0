/**
 * How a bot calls its doors: one of several at a time, the next one where that gives no answer. It sends the
 * same request again and again while nobody answers, or the answer says that it may.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export type Called = { status: number; body: Record<string, unknown> };

export type Request = {
  method: string;
  path: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
};

/** Shorter than a role is stopped for: what was stopped with a request in its hands gets it a second time. */
const ANSWER_MS = 2_500;
const PAUSE_MS = 150;
const body = z.union([
  z.record(z.string(), z.unknown()),
  z.array(z.unknown()).transform((list) => ({ list })),
]);

export class Caller {
  readonly #urls: readonly string[];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onRetry: () => void;
  #door = 0;

  constructor(urls: readonly string[], headers: Readonly<Record<string, string>>, onRetry: () => void) {
    this.#urls = urls;
    this.#headers = headers;
    this.#onRetry = onRetry;
  }

  /** Where it calls now. */
  get url(): string {
    return this.#urls[this.#door % this.#urls.length] as string;
  }

  next(): void {
    this.#door += 1;
  }

  /** Once. Undefined without an answer in time; another door is asked next. */
  async once({ method, path, body: sent, headers = {} }: Request): Promise<Called | undefined> {
    try {
      const answer = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          ...this.#headers,
          ...headers,
          ...(sent !== undefined && { 'content-type': 'application/json' }),
        },
        ...(sent !== undefined && { body: JSON.stringify(sent) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? {} : body.parse(JSON.parse(text)) };
    } catch {
      this.next();
      return undefined;
    }
  }

  /**
   * The first answer after which the request need not be sent again.
   * @param mayRepeat whether an answer asks for the same again
   * @returns undefined where the signal aborts before
   */
  async patiently(
    request: Request,
    mayRepeat: (answer: Called) => boolean,
    signal: AbortSignal,
  ): Promise<Called | undefined> {
    for (;;) {
      const answer = await this.once(request);
      if (answer !== undefined && !mayRepeat(answer)) return answer;
      if (signal.aborted) return undefined;
      this.#onRetry();
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }
}
