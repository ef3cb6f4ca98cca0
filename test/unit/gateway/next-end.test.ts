/** A request of the gateway that waits for the end of an order. */
import { expect, it, vi } from 'vitest';
import { nextEnd } from '../../../src/gateway/orders/next-end.ts';

it('has the events read without a pause until it stops', () => {
  const [unhurry, unlisten] = [vi.fn(), vi.fn()];
  const end = nextEnd({ hurry: () => unhurry, listen: () => unlisten });
  expect(unhurry).not.toHaveBeenCalled();
  end.stop();
  expect(unhurry).toHaveBeenCalledTimes(1);
  expect(unlisten).toHaveBeenCalledTimes(1);
});
