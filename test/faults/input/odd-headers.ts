/** Headers that a proxy, a faulty client or an attacker might send. */
import type { Chance } from './chance.ts';

const LINES: readonly string[] = [
  'accept: \u00e9\u00ff',
  'accept-encoding: gzip;q=nonsense',
  'connection: close, upgrade',
  'content-encoding: gzip',
  'content-length: -1',
  'content-length: 99999999999999999999',
  'content-length: 0x10',
  'expect: the unexpected',
  'forwarded: for="[::1]";host=a',
  'host: another',
  'host:',
  'if-match: *',
  'origin: http://example.com',
  'range: bytes=0-1',
  'te: trailers',
  'transfer-encoding: nonsense',
  'x-forwarded-for: 127.0.0.1',
  'x-http-method-override: DELETE',
  'x-original-url: /v2/orders',
  'cookie: a=b; c',
  'no colon',
  ': no name',
  'a\0b: c',
  'a b: c',
  'folded: a\r\n b',
];
/**
 * A client that would like to speak another protocol; a server may go on without it. The connection ends
 * after it: if bytes follow that are no request, Node says so only when its time for a request is over.
 */
const UPGRADES: readonly (readonly string[])[] = [
  ['connection: close, upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQCAAAAAAIAAAAA'],
  ['connection: close, upgrade', 'upgrade: nonsense'],
  ['upgrade: websocket'],
];

/** Some lines that no right request has. */
export function oddHeaders(chance: Chance): string[] {
  switch (chance.below(5)) {
    case 0:
      return [`x-${'h'.repeat(chance.below(30))}: ${'v'.repeat(chance.pick([1, 100, 20_000]))}`];
    case 1:
      return Array.from({ length: chance.pick([50, 1_000, 3_000]) }, (_, nth) => `x-${nth}: v`);
    case 2:
      return [...chance.pick(UPGRADES)];
    default:
      return [chance.pick(LINES)];
  }
}
