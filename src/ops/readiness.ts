/**
 * Can a process do its work now? Each part of it registers a check, which answers from what is known already:
 * a request for /readyz asks neither Redis nor the broker.
 */

/** `words`: what was found, for a person; never a secret. */
export type Verdict = { well: boolean; words: string };
export type ReadinessCheck = Verdict & { check: string };

export class Readiness {
  readonly #checks = new Map<string, () => Verdict>();
  #phase: 'starting' | 'running' | 'stopping' = 'starting';

  /** Adds a check, or replaces the one of that name. */
  add(check: string, verdict: () => Verdict): void {
    this.#checks.set(check, verdict);
  }

  /** The process has opened what it needs: from now on its checks decide. */
  started(): void {
    this.#phase = 'running';
  }

  /** It ends, and takes no new work. */
  stopping(): void {
    this.#phase = 'stopping';
  }

  /** Every check, in the order in which they were added; first the process itself. */
  checks(): ReadinessCheck[] {
    const process = { check: 'process', well: this.#phase === 'running', words: this.#phase };
    return [process, ...[...this.#checks].map(([check, verdict]) => ({ check, ...verdict() }))];
  }
}

/** A time for a person: `4 s`, from 2 min on in minutes. */
export function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1_000));
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min`;
}
