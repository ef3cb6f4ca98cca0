/** Counts the answers to malformed calls: refusals and others. */
import { expect } from 'vitest';

export class Tally {
  readonly #counts = new Map<string, number>();

  count(answer: string, times = 1): void {
    this.#counts.set(answer, (this.#counts.get(answer) ?? 0) + times);
  }

  of(...answers: readonly string[]): number {
    return answers.reduce((sum, answer) => sum + (this.#counts.get(answer) ?? 0), 0);
  }

  get all(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `invalid 9123, filed 12`. */
  toString(): string {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.map(([answer, count]) => `${answer} ${count}`).join(', ');
  }

  /** At least this share was refused by one of these answers: else the test would try what is right. */
  expectRefused(share: number, answers: readonly string[] = ['invalid', 'contradiction', 'unknown']): void {
    expect(this.of(...answers) / this.all, this.toString()).toBeGreaterThanOrEqual(share);
  }
}
