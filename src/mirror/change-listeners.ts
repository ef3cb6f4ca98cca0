/** Who is told of changes. One that throws keeps none of the others from being told. */
import type { Logger } from 'pino';
import type { Changes } from './port.ts';

export class ChangeListeners {
  readonly #listeners = new Set<(changes: Changes) => void>();
  readonly #log: Pick<Logger, 'warn'>;

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log;
  }

  /** Until the returned function is called. */
  add(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(changes: Changes): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(changes);
      } catch (error) {
        this.#log.warn({ err: error }, 'mirror: a listener threw');
      }
    }
  }
}
