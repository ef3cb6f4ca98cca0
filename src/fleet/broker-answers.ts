/** Does the broker answer? Notes the end of every request that the role makes anyway. */
import type { Broker } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { BrokerOutcome } from '../ops/metrics/broker.ts';
import { seconds, type Verdict } from '../ops/readiness.ts';

/** Not ready after so long with failures alone. */
const PATIENCE_MS = 10_000;

/** Told of each request: the method of the port, how it ended, and after how long. */
export type OnEnded = (method: string, outcome: BrokerOutcome, ms: number) => void;

export class BrokerAnswers {
  readonly #onEnded: OnEnded;
  readonly #monotonicMs: () => number;
  #answeredMs: number | undefined;
  /** The first failure since the last answer. */
  #failingSinceMs: number | undefined;

  constructor(onEnded: OnEnded = () => {}, monotonicMs = (): number => performance.now()) {
    this.#onEnded = onEnded;
    this.#monotonicMs = monotonicMs;
  }

  /** The same broker, whose answers are noted. */
  watch(broker: Broker): Broker {
    return new Proxy(broker, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'follow') return member.bind(target);
        return (...args: unknown[]) => {
          const startedMs = this.#monotonicMs();
          const noted = (outcome: BrokerOutcome): void =>
            this.#onEnded(String(name), outcome, this.#monotonicMs() - startedMs);
          return this.#noted(member.apply(target, args), args, noted);
        };
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

  async #noted(
    request: unknown,
    args: readonly unknown[],
    onEnded: (outcome: BrokerOutcome) => void,
  ): Promise<unknown> {
    const note = (outcome: BrokerOutcome): void => {
      const isOurs = args.some((arg) => arg instanceof AbortSignal && wasGivenUp(arg));
      const ended = outcome === 'unknown' && isOurs ? 'given_up' : outcome;
      if (ended === 'answered' || ended === 'refused') this.#answered();
      if (ended === 'unknown') this.#failingSinceMs ??= this.#monotonicMs();
      onEnded(ended);
    };
    try {
      const answer = await request;
      note(outcomeOf(answer));
      return answer;
    } catch (error) {
      note(outcomeOfError(error));
      throw error;
    }
  }

  #answered(): void {
    this.#answeredMs = this.#monotonicMs();
    this.#failingSinceMs = undefined;
  }
}

function outcomeOf(answer: unknown): BrokerOutcome {
  const { kind, why } = Object(answer) as { kind?: unknown; why?: unknown };
  if (kind === 'unknown') return 'unknown';
  if (why === 'not_sent') return 'unsent';
  return kind === 'refused' ? 'refused' : 'answered';
}

/** An error that is no answer of the broker, such as the limiter's, says nothing about it. */
function outcomeOfError(error: unknown): BrokerOutcome {
  const code = error instanceof WorkstealError ? error.code : '';
  if (code === 'refused' || code === 'keys') return 'refused';
  return code === 'unclear' ? 'unknown' : 'unsent';
}

/** A request that was ended here, except for a time limit, says nothing about the broker. */
function wasGivenUp({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as Error | undefined)?.name !== 'TimeoutError';
}
