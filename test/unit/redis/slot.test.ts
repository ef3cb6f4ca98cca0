import { describe, expect, it } from 'vitest';
import { nameInSlot, slotOf } from '../../../src/redis/slot.ts';

describe('the slot of an account', () => {
  // The first is the check value of CRC-16/XMODEM, the second the example of Redis Cluster's specification;
  // all as CLUSTER KEYSLOT says.
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['main', 12_501],
    ['demo', 903],
    ['a-Z_09', 16_118],
  ])('%s lies in %i', (account, slot) => {
    expect(slotOf(account)).toBe(slot);
  });

  it('can be had for a name', () => {
    for (const slot of [0, 1, 16_383]) expect(slotOf(nameInSlot(slot, 'scratch-1'))).toBe(slot);
  });
});
