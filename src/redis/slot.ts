/**
 * The slot of an account on a Redis Cluster: all its keys share the hash tag `{account}`, so they are in one
 * slot.
 */

export const SLOTS = 16_384;

/** CRC-16/XMODEM, the checksum of the Redis Cluster specification: the value for each single byte. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc & 0xffff;
});

/**
 * The slot of all keys of the account, 0 to 16383. An account's name has no braces (src/ledger/keys.ts), so
 * the whole name is the hash tag.
 */
export function slotOf(account: string): number {
  let crc = 0;
  for (const byte of Buffer.from(account))
    crc = ((crc << 8) & 0xffff) ^ (TABLE[((crc >> 8) ^ byte) & 0xff] as number);
  return crc % SLOTS;
}

/**
 * A name with this start whose slot is `slot`, such as `start-7`. Tries about 16,000 names, which takes a few
 * ms.
 */
export function nameInSlot(slot: number, start: string): string {
  for (let number = 0; ; number += 1) {
    const name = `${start}-${number}`;
    if (slotOf(name) === slot) return name;
  }
}
