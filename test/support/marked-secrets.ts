/**
 * Secrets that can be found wherever they leak, in any encoding: each contains a random core of letters and
 * digits. URLs, JSON and HTML write it unchanged; base64 writes it in one of three ways. Half a core counts
 * as a leak too.
 */
import { randomBytes } from 'node:crypto';

const HALF = 10;

export class MarkedSecrets {
  readonly #cores = new Map<string, string>();

  /** A new secret with odd characters around its core; `name` tells it in a finding. */
  make(name: string, before = 'p@:', after = '/%é&'): string {
    const core = randomBytes(2 * HALF)
      .toString('hex')
      .slice(0, 2 * HALF);
    this.#cores.set(name, core);
    return `${before}${core}${after}`;
  }

  /** The names of the secrets that a text tells. */
  foundIn(text: string): string[] {
    return [...this.#cores]
      .filter(([, core]) => spellings(core).some((spelling) => text.includes(spelling)))
      .map(([name]) => name);
  }
}

function spellings(core: string): string[] {
  const halves = [core.slice(0, HALF), core.slice(HALF)];
  const cased = halves.flatMap((half) => [half, half.toUpperCase()]);
  return [
    ...cased,
    ...halves.flatMap((half) => [half, half.toUpperCase()].flatMap(base64Of)),
    ...halves.map((half) => Buffer.from(half).toString('hex')),
  ];
}

/**
 * What base64 makes of it at each of its three places, without the characters that its neighbours have a
 * share in.
 */
function base64Of(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.from('\0'.repeat(shift) + text).toString('base64');
    return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + text.length) * 8) / 6));
  });
}
