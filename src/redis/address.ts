/**
 * Parses an address of Redis: one server, Sentinels that know its master, or nodes of a Cluster.
 *
 *   redis://[user:password@]host[:port][/db]                           rediss:// for TLS
 *   redis+sentinel://[user:password@]host[:port],…/master-name         rediss+sentinel://
 *   redis+cluster://[user:password@]host[:port],…                      rediss+cluster://
 *
 * User and password are for the servers. Sentinels are asked without credentials, or with the same ones if
 * the address ends in `?sentinel_auth=1`. Errors, and what `endpointsOf` returns, never contain a password.
 */
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';

export type Node = { host: string; port: number };

export type Access = { username: string | undefined; password: string | undefined; tls: boolean };

export type Address =
  | { kind: 'server'; url: string }
  | ({ kind: 'sentinel'; nodes: Node[]; master: string; sentinelAuth: boolean } & Access)
  | ({ kind: 'cluster'; nodes: Node[] } & Access);

const LISTED = /^(rediss?)\+(sentinel|cluster):\/\/(?:(.*)@)?([^/?#@]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/s;
const NODE = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;
const DEFAULT_PORT = { sentinel: 26_379, cluster: 6_379 } as const;
const MAX_NODES = 64;

export const EXAMPLES = {
  server: 'redis://[user:password@]host:port[/db], or rediss:// for TLS',
  sentinel: 'redis+sentinel://[user:password@]host:26379,host:26379,host:26379/master-name',
  cluster: 'redis+cluster://[user:password@]host:6379,host:6379,host:6379',
} as const;

const server = z.url({ protocol: /^rediss?$/, hostname: /.+/ });
const master = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);
const port = z.coerce.number().int().min(1).max(65_535);

/** An address as a setting: the text stays unchanged; a fault becomes an issue of the schema. */
export const redisUrl = z.string().superRefine((text, context) => {
  const parsed = parse(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

/** @throws WorkstealError `settings`: what is wrong with the address, and an example. */
export function readAddress(url: string): Address {
  const parsed = parse(url);
  if (typeof parsed === 'string')
    throw new WorkstealError('settings', `the address of Redis (--redis or REDIS_URL): ${parsed}`);
  return parsed;
}

/** User, password and TLS as options of ioredis. */
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
 * The database's number in the address; 0 where it has none. Addresses of Sentinels and Clusters have none.
 */
export function databaseOf(address: Address): number {
  return address.kind === 'server' ? Number(new URL(address.url).pathname.slice(1)) : 0;
}

/** Hosts and ports, for messages: `cache:6379`, `a:26379,b:26379/main`. */
export function endpointsOf(url: string): string {
  const address = parse(url);
  if (typeof address === 'string') return 'an invalid address';
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
  if (/^\s|\s$/.test(text)) return 'it begins or ends with a space or a line break; remove that';
  if (server.safeParse(text).success) return readServer(text);
  const [, scheme, topology, credentials, hosts = '', path, query] = LISTED.exec(text) ?? [];
  if (topology !== 'sentinel' && topology !== 'cluster') {
    const kind = /^rediss?\+(sentinel|cluster):/.exec(text)?.[1];
    if (kind === 'sentinel' || kind === 'cluster') return `must look like ${EXAMPLES[kind]}`;
    return `must look like ${EXAMPLES.server}; ${EXAMPLES.sentinel}; or ${EXAMPLES.cluster}`;
  }
  const wrong = (what: string): string => `${what}; it must look like ${EXAMPLES[topology]}`;
  const nodes: Node[] = [];
  for (const [at, one] of hosts.split(',').entries()) {
    const node = readNode(one, DEFAULT_PORT[topology]);
    // The message does not quote it: where the @ is missing, this part may be a password.
    if (node === undefined) return wrong(`host number ${at + 1} is not host[:port]`);
    nodes.push(node);
  }
  if (nodes.length > MAX_NODES)
    return wrong(`it has ${nodes.length} hosts; at most ${MAX_NODES} are allowed`);
  const access = readAccess(credentials);
  if (access === undefined) return wrong('user and password must be percent-encoded');
  const tls = scheme === 'rediss';
  if (topology === 'cluster') {
    if (path) return wrong('a Cluster has neither a database number nor a name; remove what follows the /');
    if (query) return wrong('a Cluster has no options; remove what follows the ?');
    return { kind: 'cluster', nodes, tls, ...access };
  }
  if (!master.safeParse(path).success) return wrong('missing or invalid master name');
  if (query !== undefined && query !== 'sentinel_auth=1')
    return wrong('the only option after the ? is sentinel_auth=1');
  return { kind: 'sentinel', nodes, master: path ?? '', sentinelAuth: query !== undefined, tls, ...access };
}

/** ioredis would silently use database 0 for a path that is not a number. */
function readServer(text: string): Address | string {
  const { pathname, searchParams } = new URL(text);
  if (!/^(\/\d{0,5})?$/.test(pathname)) {
    return `after the port only the number of a database may follow; it must look like ${EXAMPLES.server}`;
  }
  if (searchParams.has('db'))
    return `write the database as /number after the port, not as ?db=; it must look like ${EXAMPLES.server}`;
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
