/**
 * The memory broker with faults on demand, one per submission or cancellation: to test, or measure, the code
 * above the port.
 */
import {
  type CancelAnswer,
  type OrderAnswer,
  type OrderRequest,
  REFUSAL_KINDS,
  type RefusalKind,
  type SubmitAnswer,
} from '../../src/broker/port.ts';
import { fromNanos, toNanos } from '../../src/domain/decimal.ts';
import { MemoryBroker } from './memory-broker.ts';

/**
 * What the next submission comes to; `live` without one. `called_cancelled`: filled in full and reported as
 * cancelled. `lose_reply`: it is live, but the answer is lost. `lose_request`: it never came.
 */
export type SubmitTwist =
  | 'live'
  | 'filled'
  | 'called_cancelled'
  | 'half_filled'
  | RefusalKind
  | 'lose_reply'
  | 'lose_request';

/**
 * What the next cancellation comes to; `cancelled` without one. `fill_first`: accepted, and the fill wins;
 * `filled`: it was filled before; `called_cancelled`: it fills in full in that instant and is reported as
 * cancelled; `stick`: accepted, and stays live until the test ends it; `give_up`: accepted, and given up;
 * `lose_reply`: done, but the answer is lost; `lose_request`: it never came; `not_found`: the broker does not
 * know it.
 */
export type CancelTwist =
  | 'cancelled'
  | 'called_cancelled'
  | 'half_filled'
  | 'fill_first'
  | 'filled'
  | 'stick'
  | 'give_up'
  | 'lose_reply'
  | 'lose_request'
  | 'not_found';

export class InstantBroker extends MemoryBroker {
  /** Broker ids, one for each cancellation that came. */
  readonly cancelled: string[] = [];
  /** Called before each answer to a question about an order. */
  onQuestion: (id: string) => void = () => {};
  /** Called when a submission comes, before anything is done with it. */
  onSubmit: (request: OrderRequest) => void | Promise<void> = () => {};

  readonly #submitTwists: SubmitTwist[] = [];
  readonly #cancelTwists: CancelTwist[] = [];

  nextSubmits(...twists: SubmitTwist[]): void {
    this.#submitTwists.push(...twists);
  }

  nextCancels(...twists: CancelTwist[]): void {
    this.#cancelTwists.push(...twists);
  }

  override async submit(
    request: OrderRequest,
    signal?: AbortSignal,
    mayLeave: () => boolean = () => true,
  ): Promise<SubmitAnswer> {
    const { id, qty } = request;
    await this.onSubmit(request);
    if (this.orders.has(id) || !mayLeave()) return await super.submit(request, signal, mayLeave);
    const twist = this.#submitTwists.shift() ?? 'live';
    if (twist === 'lose_request') return { kind: 'unknown', message: 'no answer' };
    if (isRefusal(twist)) return { kind: 'refused', why: twist, message: `${twist}, says the broker` };
    const answer = await super.submit(request, signal, mayLeave);
    if (answer.kind !== 'confirmed') return answer;
    if (twist === 'filled') this.turn(id, 'filled');
    if (twist === 'called_cancelled') this.turn(id, 'cancelled', qty);
    if (twist === 'half_filled') this.turn(id, 'live', half(qty));
    return twist === 'lose_reply'
      ? { kind: 'unknown', message: 'no answer' }
      : { kind: 'confirmed', order: this.get(id) };
  }

  override async cancel(brokerId: string, signal?: AbortSignal): Promise<CancelAnswer> {
    this.cancelled.push(brokerId);
    const twist = this.#cancelTwists.shift() ?? 'cancelled';
    if (twist === 'not_found') return { kind: 'not_found' };
    const order = this.byBrokerId(brokerId);
    if (order?.state !== 'live') return await super.cancel(brokerId, signal);
    switch (twist) {
      case 'lose_request':
        return { kind: 'unknown', message: 'no answer' };
      case 'stick':
        this.put({ ...order, status: 'pending_cancel', cancelRequested: true });
        return { kind: 'accepted' };
      case 'give_up':
        return { kind: 'accepted' };
      case 'filled':
        this.turn(order.id, 'filled');
        return { kind: 'ended' };
      case 'fill_first':
        this.turn(order.id, 'filled');
        return { kind: 'accepted' };
      case 'called_cancelled':
        this.turn(order.id, 'cancelled', order.qty);
        return { kind: 'accepted' };
      case 'half_filled':
        this.turn(order.id, 'cancelled', half(order.qty));
        return { kind: 'accepted' };
      default: {
        const answer = await super.cancel(brokerId, signal);
        return twist === 'lose_reply' ? { kind: 'unknown', message: 'no answer' } : answer;
      }
    }
  }

  override async order(id: string, signal?: AbortSignal): Promise<OrderAnswer> {
    this.onQuestion(id);
    return await super.order(id, signal);
  }
}

function isRefusal(twist: SubmitTwist): twist is RefusalKind {
  return (REFUSAL_KINDS as readonly string[]).includes(twist);
}

function half(qty: string): string {
  return fromNanos(toNanos(qty) / 2n);
}
