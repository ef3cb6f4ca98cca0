/**
 * Which Redis commands and keys a role needs, read from the sources: the ledger's scripts that it may run
 * (including their inner commands), its own calls, and the libraries that it uses. test/unit/acl.test.ts
 * compares acl/worksteal.acl with this, so that no script is refused half way and no unused right is granted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptText } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';
import { importedBy } from './imported-by.ts';

/** `R` read, `RW` read and written; by family of keys: `account`, `order:*`. */
export type Families = Map<string, 'R' | 'RW'>;
export type Needs = { commands: Set<string>; keys: Families };

/** Those among the commands in use that change nothing. */
const READING = new Set(
  (
    'exists get hget hgetall hlen hmget info lrange pttl scard sismember smembers sscan time xlen xrange ' +
    'xread xrevrange zcard zcount zlexcount zrandmember zrange ' +
    'zrangebyscore zrevrange zrevrangebyscore zscan zscore'
  ).split(' '),
);

/**
 * Of a script's variable that holds a key or a family: what it may be. A variable that is not here fails the
 * test.
 */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  // lua/tick.lua, lua/include/ranking.lua
  buys: ['edges:*'],
  sells: ['edges:*'],
  // lua/include/hash-tables.lua
  hash: ['quotes', 'bands', 'watched', 'heads:*'],
  // lua/mend.lua: whatever a damaged book holds
  found: ['*'],
};

/** src/mutex/waiting-line.ts */
const WAITING_LINE = ['eval', 'time', 'zremrangebyscore', 'zadd', 'pexpire', 'zcard', 'zrem'];
/** What a library sends by itself. */
const REDLOCK = ['exists', 'get', 'set', 'del', 'pexpire', 'eval', 'evalsha'];
const LIMITER = ['time', 'zremrangebyscore', 'zcard', 'zrange', 'zadd', 'pexpire', 'eval', 'evalsha'];
const CONNECTION = ['cluster|slots', 'info', 'eval', 'evalsha'];
/** Of whoever runs commands of the ledger. */
const CALLING = ['fcall', 'function|list'];
/** Whoever loads a function plants code that other roles run: one role does. */
const LOADING = ['function|load', 'function|delete'];

/**
 * BullMQ's scripts and calls on the way of a cancellation: enqueued; and taken, renewed, tried again,
 * finished, found stalled.
 */
const ENQUEUE = { scripts: ['addStandardJob-9'], calls: ['hset', 'multi', 'exec'] };
const CONSUME = {
  scripts: [
    ...[
      'moveToActive-11',
      'moveToFinished-14',
      'moveToDelayed-11',
      'retryJob-11',
      'moveJobFromActiveToWait-9',
    ],
    ...['moveStalledJobsToWait-9', 'extendLock-2', 'extendLocks-1'],
  ],
  calls: ['bzpopmin', 'client|setname'],
};
/**
 * What shows a queue and its jobs (src/http/queues/board.ts). It changes nothing: its scripts would take
 * marks of BullMQ 4 out of a list (rpop), and these are in none of ours.
 */
const SHOW = {
  scripts: ['getCounts-1', 'getRanges-1', 'getStateV2-8', 'getRateLimitTtl-2'],
  calls: ['hget', 'hgetall', 'llen', 'lrange', 'zcard', 'multi', 'exec'],
};

/** Of a variable of BullMQ's that holds a command: what it may be. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = { pushCmd: ['lpush', 'rpush'] };

const INSPECTIONS = ['status', 'plans', 'steals', 'orders', 'fights', 'why', 'audit'];
const LOOKING = [...INSPECTIONS, 'tail', 'report', 'check', 'config', 'complete'];
/** What a person at redis-cli reads besides. */
const BY_HAND = ['get', 'type', 'ttl', 'pttl', 'xlen', 'hlen', 'eval_ro', 'evalsha_ro'];

/** What a person on call runs to stop something. */
const OPERATING = ['halt', 'resume', 'cancel', 'withdraw', 'close', 'record'];

export type RoleName =
  | 'watch'
  | 'work'
  | 'keep'
  | 'plan'
  | 'serve'
  | 'gateway'
  | 'alert'
  | 'operate'
  | 'look';

/**
 * How it uses the claims of account numbers (src/ledger/claims.ts), the only keys outside of the account;
 * undefined: not at all.
 */
export function claimNeeds(role: RoleName): 'R' | 'RW' | undefined {
  if (
    role === 'look' ||
    ![...importedBy([`workers/${role}.ts`]).keys()].some((file) => file.endsWith('ledger/claims.ts'))
  )
    return undefined;
  return role === 'keep' ? 'RW' : 'R';
}

function connectionNeeds(role: RoleName): Set<string> {
  const calling = role === 'look' ? [] : CALLING;
  return new Set([...CONNECTION, ...calling, ...(role === 'keep' ? LOADING : [])]);
}

/** What a role writes without a command of the ledger. */
const ADDED: Partial<Record<RoleName, (needs: Needs) => void>> = {
  gateway: addClientIds,
  serve: addForecasts,
  alert: addAlerts,
};

function addLocks(needs: Needs, sources: ReadonlyMap<string, string>): void {
  for (const lock of ['mutex', 'keeper', 'alerter']) {
    const [file] = [...sources].find(([, text]) => text.includes(`ledger.account, '${lock}')`)) ?? [];
    if (file === undefined) continue;
    needs.keys.set(lock, 'RW');
    for (const command of REDLOCK) needs.commands.add(command);
    // The keeper and the alerter try at their own pace.
    if (lock !== 'mutex') continue;
    needs.keys.set(`${lock}_waiting`, 'RW');
    for (const command of WAITING_LINE) needs.commands.add(command);
  }
}

/** What the role needs of the account's keys; the cancel queue apart. */
export function bookNeeds(role: RoleName): Needs {
  const needs: Needs = { commands: connectionNeeds(role), keys: new Map() };
  const commands = { look: LOOKING, operate: OPERATING }[role as string];
  const files = commands?.map((name) => `src/cli/${name}.ts`) ?? [`workers/${role}.ts`];
  // An account is reopened, and an equity accepted, with the keeper's user.
  if (role === 'keep') files.push('src/cli/reopen.ts', 'src/cli/accept.ts');
  const sources = importedBy(files);
  for (const text of sources.values()) {
    addCalls(needs, text);
    // The inspections share a file with the demo's screen, and run no command of the ledger.
    if (role === 'look') continue;
    for (const [, script] of text.matchAll(/ledger\.run\('([a-z-]+)'/g))
      addScript(needs, scriptText(script as string));
  }
  if (role === 'look') {
    addInspections(needs);
    for (const command of BY_HAND) needs.commands.add(command);
    needs.keys.clear(); // it may read them all
    return needs;
  }
  if (role === 'operate') return needs;
  if (['serve', 'alert', 'keep'].includes(role)) addInspections(needs);
  ADDED[role]?.(needs);
  if (role !== 'alert') addLimiter(needs);
  const claims = claimNeeds(role);
  if (claims !== undefined) needs.commands.add('get');
  if (claims === 'RW') for (const command of ['set', 'del']) needs.commands.add(command);
  addLocks(needs, sources);
  return needs;
}

/** The commands that it needs on the keys of the cancel queue; none where it has nothing to do with it. */
export function queueNeeds(role: RoleName): Set<string> {
  const sources = [...importedBy([`workers/${role}.ts`]).keys()];
  const uses = [
    ...(sources.some((file) => file.endsWith('cancels/queue.ts')) ? [ENQUEUE] : []),
    ...(sources.some((file) => file.endsWith('cancels/worker.ts')) ? [CONSUME] : []),
    ...(sources.some((file) => file.endsWith('http/queues/board.ts')) ? [SHOW] : []),
  ];
  const needs = new Set(uses.flatMap(({ calls }) => calls));
  for (const name of uses.flatMap(({ scripts }) => scripts)) {
    const text = readFileSync(
      join(packageRoot(), 'node_modules/bullmq/dist/esm/scripts', `${name}.js`),
      'utf8',
    );
    for (const [, command, variable] of text.matchAll(
      /(?:rcall|redis\.p?call)\(\s*(?:["'](\w+)["']|(\w+))/g,
    )) {
      const called = command === undefined ? CHOSEN[variable as string] : [command.toLowerCase()];
      if (called === undefined)
        throw new Error(`the text of ${name} does not tell which command ${variable} is`);
      for (const one of called) needs.add(one);
    }
  }
  needs.delete('rpop');
  if (uses.length > 0) for (const command of ['eval', 'evalsha']) needs.add(command);
  return needs;
}

/** A gateway's record of its bots' orders (src/ledger/client-ids.ts). */
function addClientIds({ commands, keys }: Needs): void {
  keys.set('client_id:*', 'RW').set('posting:*', 'RW');
  for (const command of ['set', 'del', 'mget']) commands.add(command);
}

/** Forecasts that bots file by the API or the library (src/ledger/filed-forecasts.ts). */
function addForecasts({ commands, keys }: Needs): void {
  keys.set('forecasts:*', 'RW');
  for (const command of ['hget', 'hset', 'hlen', 'pexpire', 'hdel']) commands.add(command);
}

/** Who asks the broker takes of its budget. */
function addLimiter({ commands, keys }: Needs): void {
  for (const command of LIMITER) commands.add(command);
  keys.set('limiter', 'RW').set('limiter:*', 'RW');
}

/** What an alert process has told (src/alerts/incident-store.ts). */
function addAlerts({ commands, keys }: Needs): void {
  keys.set('alerts', 'RW');
  for (const command of ['hset', 'hdel']) commands.add(command);
}

/** What answers an inspection may read every key. */
function addInspections(needs: Needs): void {
  for (const name of inspections())
    addCommands(needs, readFileSync(join(packageRoot(), 'lua/redis-cli', name), 'utf8'));
  for (const command of ['eval_ro', 'evalsha_ro']) needs.commands.add(command);
  for (const [family, access] of [...needs.keys]) if (access === 'R') needs.keys.delete(family);
  add(needs, '*', false);
}

function inspections(): string[] {
  return readdirSync(join(packageRoot(), 'lua/redis-cli')).filter((name) => name.endsWith('.lua'));
}

function add({ keys }: Needs, family: string, writes: boolean): void {
  if (writes || !keys.has(family)) keys.set(family, writes ? 'RW' : (keys.get(family) ?? 'R'));
}

/**
 * `redis.hget(key(ledger.account, 'quotes'), …)`, `ws:{${account}}:order:${id}`: what TypeScript itself
 * reads.
 */
function addCalls(needs: Needs, text: string): void {
  for (const [, name] of text.matchAll(/\b(?:redis|pipeline)\.([a-z]+)\(/g))
    if (READING.has(name as string)) needs.commands.add(name as string);
  const families = [
    ...text.matchAll(/key\([\w.]*account, ['`]([^'`]+)['`]\)/g),
    ...text.matchAll(/ws:\{\$\{[\w.]+\}\}:([^`]+)`/g),
  ];
  for (const [, name] of families)
    add(
      needs,
      (name as string).replace(/(:?)\$\{.*$/, (_, colon) => (colon ? ':*' : '')),
      false,
    );
}

function addCommands(needs: Needs, text: string): void {
  for (const [, call] of text.matchAll(/redis\.p?call\(\s*'([A-Z_]+)'/g))
    needs.commands.add((call as string).toLowerCase());
}

/**
 * Each `redis.call` of a script, with the family of its key.
 * @throws Error where the text does not tell which keys it may touch
 */
function addScript(needs: Needs, text: string): void {
  addCommands(needs, text);
  for (const [, call, expression] of text.matchAll(/redis\.p?call\(\s*'([A-Z_]+)',\s*([^,)\n]+)/g)) {
    if (call === 'INFO' || call === 'SCAN') continue; // its argument is no key
    const writes = !READING.has((call as string).toLowerCase());
    for (const family of familiesOf((expression as string).trim(), text)) add(needs, family, writes);
  }
  // A key that is built somewhere is at least read.
  for (const [, name, colon] of text.matchAll(/PREFIX \.\. '([a-z_]+)(:?)/g))
    add(needs, `${name}${colon ? ':*' : ''}`, false);
}

function familiesOf(expression: string, text: string): readonly string[] {
  if (expression === 'KEYS[1]') return ['account'];
  const [, name, colon] = /^PREFIX \.\. '([a-z_]+)(:?)/.exec(expression) ?? [];
  if (name !== undefined) return [`${name}${colon ? ':*' : ''}`];
  const variable = /^(?:PREFIX \.\. )?([a-z_]+)$/.exec(expression)?.[1];
  if (variable !== undefined) {
    const assigned = text.matchAll(
      new RegExp(`\\b${variable}\\b[^=\\n]* = PREFIX \\.\\. '([a-z_]+)(:?)`, 'g'),
    );
    const passed = text.matchAll(/\b(?:later_of|end_protections|comes_back|beyond_of)\('([a-z_]+)'/g);
    const looped = /\bSYMBOL_PROTECTIONS = \{([^}]*)\}/.exec(text)?.[1] ?? '';
    const families = [
      ...[...assigned].map(([, of, sign]) => `${of}${sign ? ':*' : ''}`),
      ...[...passed].map(([, word]) => word as string),
      ...[...looped.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word as string),
      ...(VARIABLES[variable] ?? []),
    ];
    if (families.length > 0) return families;
  }
  throw new Error(`the text does not tell which keys ${expression} may be`);
}
