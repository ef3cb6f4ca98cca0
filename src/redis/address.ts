/**
 * What an address of Redis says: one server, Sentinels that know its master, or nodes of a Cluster.
 *
 *   redis://[user:password@]host[:port][/db]                           rediss:// for TLS
 *   redis+sentinel://[user:password@]host[:port],…/master-name         rediss+sentinel://
 *   redis+cluster://[user:password@]host[:port],…                      rediss+cluster://
 *
 * User and password are those of the servers. Sentinels are asked without, unless the address ends in
 * `?sentinel_auth=1`: then with the same. Nothing that is thrown here, or returned by `endpointsOf`, has a
 * password in it.
 */
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';

export type Node = { host: string; port: number };

export type Access = { username: string | undefined; password: string | undefined; tls: boolean };

export type Address =
  | { kind: 'server'; url: string }
  | ({ kind: 'sentinel'; nodes: Node[]; master: string; sentinelAuth: boolean } & Access)
  | ({ kind: 'cluster'; nodes: Node[] } & Access);

const MANY = /^(rediss?)\+(sentinel|cluster):\/\/(?:(.*)@)?([^/?#@]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/s;
const NODE = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;
const DEFAULT_PORT = { sentinel: 26_379, cluster: 6_379 } as const;
const MOST_NODES = 64;

export const EXAMPLES = {
  server: 'redis://[user:password@]host:port[/db], or rediss:// for TLS',
  sentinel: 'redis+sentinel://[user:password@]host:26379,host:26379,host:26379/master-name',
  cluster: 'redis+cluster://[user:password@]host:6379,host:6379,host:6379',
} as const;

const server = z.url({ protocol: /^rediss?$/, hostname: /.+/ });
const master = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);
const port = z.coerce.number().int().min(1).max(65_535);

/** An address as a setting: stays the text that it is; the issue names what is wrong with it. */
export const redisUrl = z.string().superRefine((text, context) => {
  const parsed = parse(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

/** @throws WorkstealError `settings` that names what is wrong, with an example */
export function readAddress(url: string): Address {
  const parsed = parse(url);
  if (typeof parsed === 'string') throw new WorkstealError('settings', `the address of Redis: ${parsed}`);
  return parsed;
}

/** User, password and TLS in the words of ioredis. */
export function accessOptions({ username, password, tls }: Access): {
  username?: string;
  password?: string;
  tls?: object;
} {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
}

/**
 * The number of the database that the address names; 0 where it names none, or many servers, which have one.
 */
export function databaseOf(address: Address): number {
  return address.kind === 'server' ? Number(new URL(address.url).pathname.slice(1)) : 0;
}

/** Hosts and ports, for messages: `cache:6379`, `a:26379,b:26379/main`. */
export function endpointsOf(url: string): string {
  const address = parse(url);
  if (typeof address === 'string') return 'an address that is none';
  if (address.kind === 'server') return new URL(address.url).host;
  const nodes = address.nodes.map(textOf).join(',');
  return address.kind === 'sentinel' ? `${nodes}/${address.master}` : nodes;
}

/** `host:port`, an IPv6 address in brackets. */
export function textOf({ host, port: at }: Node): string {
  return `${host.includes(':') ? `[${host}]` : host}:${at}`;
}

/** The address, or what is wrong with it. */
function parse(text: string): Address | string {
  if (/^\s|\s$/.test(text)) return 'it begins or ends with a blank or a line break; remove it';
  if (server.safeParse(text).success) return readServer(text);
  const [, scheme, many, credentials, hosts = '', path, query] = MANY.exec(text) ?? [];
  if (many !== 'sentinel' && many !== 'cluster') {
    const kind = /^rediss?\+(sentinel|cluster):/.exec(text)?.[1];
    if (kind === 'sentinel' || kind === 'cluster') return `must look like ${EXAMPLES[kind]}`;
    return `must look like ${EXAMPLES.server}; ${EXAMPLES.sentinel}; or ${EXAMPLES.cluster}`;
  }
  const wrong = (what: string): string => `${what}; it must look like ${EXAMPLES[many]}`;
  const nodes: Node[] = [];
  for (const [at, one] of hosts.split(',').entries()) {
    const node = readNode(one, DEFAULT_PORT[many]);
    // It is not quoted: where the @ is missing it is a password.
    if (node === undefined) return wrong(`number ${at + 1} of its hosts is no host[:port]`);
    nodes.push(node);
  }
  if (nodes.length > MOST_NODES) return wrong(`${nodes.length} hosts are more than ${MOST_NODES}`);
  const access = readAccess(credentials);
  if (access === undefined) return wrong('user and password must be percent-encoded');
  const tls = scheme === 'rediss';
  if (many === 'cluster') {
    if (path) return wrong('a Cluster has one database and no name');
    if (query) return wrong('it takes no ?…');
    return { kind: 'cluster', nodes, tls, ...access };
  }
  if (!master.safeParse(path).success) return wrong('the name of the master is missing, or is none');
  if (query !== undefined && query !== 'sentinel_auth=1')
    return wrong('what follows ? may be sentinel_auth=1 alone');
  return { kind: 'sentinel', nodes, master: path ?? '', sentinelAuth: query !== undefined, tls, ...access };
}

/** A path that is no number was once taken for database 0, without a word. */
function readServer(text: string): Address | string {
  const { pathname, searchParams } = new URL(text);
  if (!/^(\/\d{0,5})?$/.test(pathname)) {
    return `what follows the port is the number of a database, from 0; it must look like ${EXAMPLES.server}`;
  }
  if (searchParams.has('db'))
    return `the number of the database follows the port, not ?db=; it must look like ${EXAMPLES.server}`;
  return { kind: 'server', url: text };
}

function readNode(text: string, fallback: number): Node | undefined {
  const [all, six, host = six, given = fallback] = NODE.exec(text) ?? [];
  const at = port.safeParse(given);
  return all === undefined || host === undefined || !at.success ? undefined : { host, port: at.data };
}

function readAccess(credentials = ''): Pick<Access, 'username' | 'password'> | undefined {
  const colon = credentials.indexOf(':');
  const [user, password] =
    colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  try {
    return {
      username: decodeURIComponent(user) || undefined,
      password: decodeURIComponent(password) || undefined,
    };
  } catch {
    return undefined;
  }
}
