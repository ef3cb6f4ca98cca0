/** Does the broker answer? Notes the end of every request that the role makes anyway. */
import type { Broker } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { seconds, type Verdict } from '../ops/readiness.ts';

/** Not ready after so long with failures alone. */
const PATIENCE_MS = 10_000;

export class BrokerAnswers {
  readonly #monotonicMs: () => number;
  #answeredMs: number | undefined;
  /** The first failure since the last answer. */
  #failingSinceMs: number | undefined;

  constructor(monotonicMs = (): number => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** The same broker, whose answers are noted. */
  watch(broker: Broker): Broker {
    return new Proxy(broker, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'follow') return member.bind(target);
        return (...args: unknown[]) => this.#noted(member.apply(target, args), args);
      },
    });
  }

  verdict(): Verdict {
    const nowMs = this.#monotonicMs();
    const [answered, failing] = [this.#answeredMs, this.#failingSinceMs];
    const last = answered === undefined ? 'never answered' : `answered ${seconds(nowMs - answered)} ago`;
    if (failing === undefined) return { well: true, words: answered === undefined ? 'not asked yet' : last };
    const failingMs = nowMs - failing;
    const words = `${last}; requests fail since ${seconds(failingMs)}`;
    return { well: failingMs < PATIENCE_MS, words };
  }

  async #noted(request: unknown, args: readonly unknown[]): Promise<unknown> {
    const isOurs = (): boolean => args.some((arg) => arg instanceof AbortSignal && wasGivenUp(arg));
    try {
      const answer = await request;
      const { kind, why } = Object(answer) as { kind?: unknown; why?: unknown };
      if (kind === 'unknown') this.#failed(isOurs());
      else if (why !== 'not_sent') this.#answered();
      return answer;
    } catch (error) {
      const code = error instanceof WorkstealError ? error.code : '';
      if (code === 'refused' || code === 'keys') this.#answered();
      else if (code === 'unclear') this.#failed(isOurs());
      throw error;
    }
  }

  #answered(): void {
    this.#answeredMs = this.#monotonicMs();
    this.#failingSinceMs = undefined;
  }

  #failed(isOurs: boolean): void {
    if (!isOurs) this.#failingSinceMs ??= this.#monotonicMs();
  }
}

/** A request that was ended here, except for a time limit, says nothing about the broker. */
function wasGivenUp({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as Error | undefined)?.name !== 'TimeoutError';
}
