/**
 * Under which names this server may be called, and from which pages (DNS rebinding, cross-site requests). A
 * numeric address and the host that it listens on are its own names; others are named by the settings.
 */
import { isIP } from 'node:net';
import { HttpError } from './problem.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Does only this machine reach it? */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || (isIP(host) === 4 && host.startsWith('127.'));
}

export class Origins {
  readonly #names: ReadonlySet<string>;
  readonly #others: ReadonlySet<string>;

  /** @param others further origins, such as `https://trade.example.com`, whose names are its own, too */
  constructor(host: string, others: readonly string[]) {
    this.#others = new Set(others);
    this.#names = new Set([host, 'localhost', ...others.map((origin) => new URL(origin).hostname)]);
  }

  /** @throws HttpError `forbidden` if the request names another host */
  requireHost(host: string | undefined): void {
    const name = host === undefined ? undefined : nameOf(`http://${host}`);
    if (name !== undefined && (isIP(name) !== 0 || this.#names.has(name))) return;
    const next = 'call it by its address, or add its name to WORKSTEAL_API_ORIGINS';
    throw new HttpError('forbidden', 'Host: this server does not go by that name', { field: 'host' }, next);
  }

  /**
   * A page of another site must not write.
   * @param origin of the page; undefined where no browser asks
   * @param isNeeded with a cookie the browser must say which page asks
   * @throws HttpError `forbidden`
   */
  requireOrigin(origin: string | undefined, host: string | undefined, isNeeded: boolean): void {
    if (origin === undefined && !isNeeded) return;
    const own = [`http://${host}`, `https://${host}`];
    if (origin !== undefined && (own.includes(origin) || this.#others.has(origin))) return;
    const next = 'send it from a page of this server, or add the origin to WORKSTEAL_API_ORIGINS';
    const what = origin === undefined ? 'is missing' : 'is not of this server';
    throw new HttpError('forbidden', `Origin: ${what}`, { field: 'origin' }, next);
  }
}

function nameOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  } catch {
    return undefined;
  }
}
