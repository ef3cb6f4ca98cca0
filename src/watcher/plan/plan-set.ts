/** The plans that this host holds, by id and by symbol. */
import type { PlanState } from './plan-state.ts';

export class PlanSet {
  readonly #byId = new Map<string, PlanState>();
  readonly #bySymbol = new Map<string, Set<PlanState>>();

  get size(): number {
    return this.#byId.size;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  get symbols(): ReadonlySet<string> {
    return new Set(this.#bySymbol.keys());
  }

  all(): PlanState[] {
    return [...this.#byId.values()];
  }

  ofSymbol(symbol: string): PlanState[] {
    return [...(this.#bySymbol.get(symbol) ?? [])];
  }

  find(id: string): PlanState | undefined {
    return this.#byId.get(id);
  }

  add(state: PlanState): void {
    const { id, symbol } = state.plan;
    this.#byId.set(id, state);
    const siblings = this.#bySymbol.get(symbol);
    if (siblings) siblings.add(state);
    else this.#bySymbol.set(symbol, new Set([state]));
  }

  /** @returns false when another state has taken its id */
  remove(state: PlanState): boolean {
    const { id, symbol } = state.plan;
    if (this.#byId.get(id) !== state) return false;
    this.#byId.delete(id);
    const siblings = this.#bySymbol.get(symbol);
    siblings?.delete(state);
    if (siblings?.size === 0) this.#bySymbol.delete(symbol);
    return true;
  }
}
