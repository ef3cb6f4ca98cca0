/** Sends one message. A receiver has it when it answers with 2xx; anything else is tried again. */
import type { Notice } from './incident.ts';
import { bodyOf, type Shape, type Teller } from './message.ts';
import { signedHeaders } from './signature.ts';

export type WebhookSettings = {
  url: string;
  shape: Shape;
  /** Undefined: messages are not signed. */
  secret: string | undefined;
  timeoutMs: number;
};

export class Webhook {
  readonly #settings: WebhookSettings;
  readonly #teller: Teller;

  constructor(settings: WebhookSettings, teller: Teller) {
    this.#settings = settings;
    this.#teller = teller;
  }

  /** Undefined once it is delivered, else why not. Never throws; the address, a secret, is not told. */
  async send(notice: Notice, signal?: AbortSignal): Promise<string | undefined> {
    const { url, shape, secret, timeoutMs } = this.#settings;
    const body = bodyOf(shape, notice, this.#teller);
    const headers = {
      'content-type': 'application/json',
      'x-worksteal-delivery': notice.id,
      ...(secret !== undefined && signedHeaders(secret, body, Date.now())),
    };
    const deadline = AbortSignal.timeout(timeoutMs);
    const bound = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: bound });
      await answer.body?.cancel();
      return answer.ok ? undefined : `it answered ${answer.status}`;
    } catch (error) {
      if (deadline.aborted) return `no answer within ${timeoutMs / 1_000} s`;
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      return `it can't be reached (${code ?? (error as Error).name})`;
    }
  }
}
