/** Nonsense for a websocket of Alpaca's protocol: messages that are none, and frames that are none. */
import type { Chance } from './chance.ts';
import { spoilLeaves } from './odd-values.ts';
import { frameBytes, OPCODE } from './raw-websocket.ts';
import { spoil } from './spoil.ts';

const CONTINUED = 100;
const KIB = 1_024;

const text = (message: unknown): Buffer =>
  Buffer.from(
    JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? Number(value) : value)) ?? '',
  );

/** @param rights messages that would be understood */
export function oddFrames(rights: readonly object[], chance: Chance): Buffer {
  const right = chance.pick(rights);
  const opcode = chance.pick([OPCODE.text, OPCODE.binary]);
  const frame = (payload: Buffer): Buffer => frameBytes({ opcode, payload });
  switch (chance.below(9)) {
    case 0:
    case 1:
      return frame(text(spoilLeaves(right, chance)));
    case 2:
      return frame(Buffer.from(spoil(JSON.stringify(right), chance)));
    case 3:
      return frame(text(chance.pick(MESSAGES)));
    case 4:
      return chance.pick(BROKEN)(text(right));
    case 5:
      return frame(
        Buffer.from(chance.pick(['[', '{"a":', ' ', '"']).repeat(chance.pick([500, 60_000, 200_000]))),
      );
    case 6:
      return neverEnding(opcode, chance.pick([0, 1, KIB]));
    case 7:
      return Buffer.concat(Array.from({ length: 50 }, () => frame(text(chance.pick(MESSAGES)))));
    default: {
      const bytes = chance.bytes(2 + chance.below(200));
      // A reserved bit: else it may be the start of a frame that waits for the rest of its bytes.
      bytes[0] = (bytes[0] as number) | 0x40;
      return bytes;
    }
  }
}

const listen = (streams: unknown): object => ({ action: 'listen', data: { streams } });
const MESSAGES: readonly unknown[] = [
  ...[null, true, 1, 'listen', [], {}, { action: 'listen' }, { action: 'unlisten' }, { action: 'auth' }],
  listen([]),
  listen(['account_updates', 'T.*', '*', '__proto__']),
  listen(Array.from({ length: 17 }, () => 'trade_updates')),
  listen(['x'.repeat(65)]),
  listen('trade_updates'),
  { action: 'auth', key: '', secret: '' },
  { action: 'auth', key: '__proto__', secret: 'constructor' },
  { action: 'authenticate', data: { key_id: 'x'.repeat(5_000), secret_key: 'y' } },
  { action: 'authenticate', data: null },
  { stream: 'trade_updates', data: { event: 'fill', order: { id: 'made up' } } },
];

const nothing = Buffer.alloc(0);
/** Frames that break RFC 6455. */
const BROKEN: readonly ((payload: Buffer) => Buffer)[] = [
  (payload) => frameBytes({ opcode: OPCODE.text, payload, masked: false }),
  (payload) => frameBytes({ opcode: OPCODE.text, payload, flags: 4 }), // compressed, unasked
  (payload) => frameBytes({ opcode: OPCODE.text, payload, flags: 3 }),
  (payload) => frameBytes({ opcode: 3, payload }),
  (payload) => frameBytes({ opcode: 11, payload }),
  (payload) => frameBytes({ opcode: OPCODE.continuation, payload }),
  (payload) => frameBytes({ opcode: OPCODE.ping, payload: Buffer.concat([payload, Buffer.alloc(130)]) }),
  (payload) => frameBytes({ opcode: OPCODE.ping, payload: payload.subarray(0, 10), last: false }),
  () => frameBytes({ opcode: OPCODE.text, payload: Buffer.from([0xff, 0xfe, 0xc3]) }),
  () => frameBytes({ opcode: OPCODE.close, payload: Buffer.from([0x03]) }),
  () => frameBytes({ opcode: OPCODE.close, payload: Buffer.from([0x00, 0x01]) }),
  () => frameBytes({ opcode: OPCODE.binary, payload: nothing, claims: 2n ** 32n }),
  () => frameBytes({ opcode: OPCODE.binary, payload: nothing, claims: 2n ** 63n }),
  () => frameBytes({ opcode: OPCODE.binary, payload: Buffer.alloc(70_000) }),
];

/** A message in parts, none of which is the last one. */
function neverEnding(opcode: number, partBytes: number): Buffer {
  const payload = Buffer.alloc(partBytes, 'x');
  const parts = Array.from({ length: CONTINUED }, () =>
    frameBytes({ opcode: OPCODE.continuation, payload, last: false }),
  );
  return Buffer.concat([frameBytes({ opcode, payload, last: false }), ...parts]);
}
