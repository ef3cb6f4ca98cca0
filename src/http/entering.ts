/**
 * Wishes under way. A steal can take longer than a client likes to wait, so its wish goes on without the
 * client, which asks again with the same wish and meets it here. The ledger remains the judge: a wish that
 * another server has under way is continued by it (I6).
 *
 *   started -> (answered in time) gone
 *   started -> (202 was answered) owed -> (asked again after its end) gone
 */
import type { Coordinator, Entered } from '../coordinator/coordinator.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';

type Wish = { text: string; result: Promise<Entered>; ended: boolean; owed: boolean };

const MAX_WISHES = 2_000;
/** How long a result is kept for a client that was answered 202. */
const KEEP_MS = 60_000;

export class Entering {
  readonly #coordinator: Pick<Coordinator, 'enter'>;
  readonly #wishes = new Map<string, Wish>();
  readonly #stopping = new AbortController();

  constructor(coordinator: Pick<Coordinator, 'enter'>) {
    this.#coordinator = coordinator;
  }

  /**
   * Enters an order, or meets the same wish under way.
   * @param waitMs how long to wait for its result
   * @returns undefined while it is undecided
   * @throws WorkstealError as Coordinator.enter; `contradiction` while another wish of this id is under way
   */
  async enter(wish: OrderWish, waitMs: number): Promise<Entered | undefined> {
    const text = JSON.stringify(wish);
    const one = this.#wishes.get(wish.id) ?? this.#start(wish, text);
    if (one.text !== text)
      throw new WorkstealError('contradiction', `${wish.id}: the id stands for another wish, under way now`, {
        order: wish.id,
      });
    const result = await within(waitMs, one.result);
    if (result === undefined) one.owed = true;
    else this.#forget(wish.id, one);
    return result;
  }

  /** Gives up what is under way: thieves that wait for their grants are released. */
  close(): void {
    this.#stopping.abort(new WorkstealError('unavailable', 'this server stops; ask again'));
  }

  #start(wish: OrderWish, text: string): Wish {
    if (this.#wishes.size >= MAX_WISHES)
      throw new WorkstealError('unavailable', `${MAX_WISHES} wishes are under way already; ask again later`);
    const result = this.#coordinator.enter(wish, this.#stopping.signal);
    const one: Wish = { text, result, ended: false, owed: false };
    this.#wishes.set(wish.id, one);
    void result
      .catch(() => {}) // whoever waits gets the error
      .finally(() => {
        one.ended = true;
        if (!one.owed) return this.#forget(wish.id, one);
        setTimeout(() => this.#forget(wish.id, one), KEEP_MS).unref();
      });
    return one;
  }

  #forget(id: string, one: Wish): void {
    if (this.#wishes.get(id) === one && one.ended) this.#wishes.delete(id);
  }
}

/** The result, if it is there within this time; undefined otherwise. */
async function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
