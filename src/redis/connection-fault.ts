/** What is wrong when Redis can't be reached or refuses a command, and what to do, by its cause. */

type Fault = { message: string; code?: string };

export type RedisFault = { words: string; next: string };

export type Server = {
  /** Only its scheme matters; '' if it is not known. */
  url: string;
  /** The user of the connection. */
  user?: string | undefined;
};

const USERS =
  'use the user of this role: ws-watch, ws-work, ws-keep and ws-plan for the processes, ws-look for what ' +
  'only reads, ws-operate for what changes an account (acl/worksteal.acl, docs/security.md)';

type Cause = readonly [
  scheme: RegExp,
  like: RegExp,
  words: (message: string, server: Server) => string,
  next: string,
];

/** The first match of scheme and message (or its code) counts. */
const CAUSES: readonly Cause[] = [
  [
    /./,
    /^no (Sentinel|node of the Cluster) knows/,
    unknownMaster,
    'correct the hosts in REDIS_URL and their password, or start them',
  ],
  [
    /./,
    /^WRONGPASS\b/,
    () => 'the user or the password in its URL is wrong',
    'correct user and password in REDIS_URL',
  ],
  [
    /./,
    /^NOAUTH\b|called without any password configured/,
    () => 'the user or password in its URL is missing or not wanted',
    // With the brackets of an optional part: what looks like a real password would be hidden.
    'write them into REDIS_URL as the server has them: redis://[user]:password@host:port',
  ],
  [/./, /(^|-)NOPERM\b/, refusal, USERS],
  [
    /./,
    /(^|[\s-])READONLY\b/,
    () => 'this server is a replica, which takes no writes',
    'give the address of the master, or of the Sentinels',
  ],
  [
    /./,
    /(^|[\s-])(LOADING|MASTERDOWN)\b/,
    () => 'the server is not ready: it loads its data, or waits for its master',
    'wait until it has, then try again',
  ],
  [
    /./,
    /(^|[\s-])BUSY\b/,
    () => 'a script of somebody else runs there for long',
    'wait until it has ended, or end it with SCRIPT KILL',
  ],
  [
    /./,
    /(^|[\s-])(CLUSTERDOWN|TRYAGAIN)\b/,
    () => 'its Cluster is not whole: a master is missing, or slots are on their way',
    'wait until it is, then try again; CLUSTER NODES says which',
  ],
  [
    /./,
    /(^|[\s-])MISCONF\b/,
    () => 'it takes no writes, since it could not write its snapshot to disk',
    'make room on its disk, or mend its permissions; its log says more',
  ],
  [
    /./,
    /(^|[\s-])OOM\b/,
    () => 'its memory is full (maxmemory), so it takes no writes',
    'raise maxmemory there',
  ],
  [
    /./,
    /(^|[\s-])NOREPLICAS\b/,
    () => 'too few replicas follow it, so it takes no writes',
    'start its replicas, or lower min-replicas-to-write',
  ],
  [
    /./,
    /unknown command/i,
    () => 'it does not know a command that is needed',
    'worksteal needs Redis or Valkey 6.2 or newer',
  ],
  [
    /^rediss[:+]/,
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_/,
    () => 'its certificate is not trusted',
    'set NODE_EXTRA_CA_CERTS to the file of your own certificate authority',
  ],
  [/./, /ECONNREFUSED/, () => 'nothing listens there (ECONNREFUSED)', 'start Redis, or correct REDIS_URL'],
  [
    /./,
    /ENOTFOUND|EAI_AGAIN/,
    () => 'there is no such host',
    'correct the host in REDIS_URL, or mend the name service',
  ],
  [
    /./,
    /EHOSTUNREACH|ENETUNREACH|ENETDOWN/,
    () => 'there is no route to it',
    'check the network, and REDIS_URL',
  ],
  [
    /^rediss[:+]/,
    /ETIMEDOUT|ECONNRESET|EPROTO|_SSL_|closed|disconnected/,
    () => 'the connection failed; does this port use TLS?',
    'write redis:// if it does not',
  ],
  [
    /^redis[:+]/,
    /ECONNRESET|closed/,
    () => 'it closed the connection; does it need TLS (rediss://)?',
    'write rediss:// if it does; else try again',
  ],
  [
    /./,
    /ETIMEDOUT|timed out|Socket timeout/,
    () => 'it did not answer in time',
    'check the network and the load of the server; try again',
  ],
  [
    /.?/,
    /isn't writeable|Connection is closed|max retries per request|ECONNRESET|EPIPE|Socket closed/i,
    () => 'the connection is gone',
    'try again when the server is back',
  ],
];

/**
 * @param reason the connection's error, or the command's where the connection had none
 */
export function redisFault(server: Server, reason: unknown): RedisFault {
  return (
    knownFault(server, reason) ?? {
      words: (reason instanceof Error ? reason.message : String(reason)).replace(/\.$/, ''),
      next: 'try again; see the log of the server',
    }
  );
}

/** Undefined for an error that is none of the causes above: perhaps a fault of this program. */
export function knownFault(server: Server, reason: unknown): RedisFault | undefined {
  const { message, code = '' }: Fault = reason instanceof Error ? reason : { message: String(reason) };
  const found = CAUSES.find(
    ([scheme, like]) => scheme.test(server.url || ' ') && (like.test(message) || like.test(code)),
  );
  if (found === undefined) return undefined;
  return { words: found[2](message, server), next: found[3] };
}

/** Names each node that was asked; what Redis itself answered there is put into words. */
function unknownMaster(message: string): string {
  return message
    .replaceAll(/NOPERM[^;]*?'([a-z|_-]+)' command( or its subcommand)?/g, (_, command: string) => {
      return `the user is not permitted to run ${command.toUpperCase()}`;
    })
    .replaceAll(/WRONGPASS[^;]*/g, 'the user or the password is wrong')
    .replaceAll(/NOAUTH[^;]*/g, 'a password is needed')
    .replace(/\.$/, '');
}

/** NOPERM names the command, or says that it is about a key. */
function refusal(message: string, { user }: Server): string {
  const command = /'([a-z|_]+)'/.exec(message)?.[1];
  const told = /User (\S+) has/.exec(message)?.[1];
  const name = told ?? user;
  const who = name === undefined ? 'the user in its URL' : `its user ${name}`;
  const what = command === undefined ? 'to use a key that this needs' : `to run ${command.toUpperCase()}`;
  return `${who} is not permitted ${what}: it lacks a permission`;
}
