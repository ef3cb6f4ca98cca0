/** Is this Redis fit for a ledger? Reads only. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { look } from '../../fleet/identity.ts';
import { bad, type Fact, type Finding, fact, judge, unknown, well } from '../../inspection/check/finding.ts';
import {
  CLOCK_LIMIT_MS,
  clock,
  clockAheadMs,
  eviction,
  persistence,
  savePointsOf,
} from '../../inspection/check/server.ts';
import { key } from '../../ledger/keys.ts';
import { ledgerOn } from '../../ledger/ledger.ts';
import { endpointsOf } from '../../redis/address.ts';
import { adviceOn, infoField } from '../../redis/advice.ts';
import { withServer } from '../../redis/open.ts';
import { requireVersion } from '../../redis/server-binary.ts';
import type { Where } from '../inspect/connection.ts';
import type { Told } from './broker.ts';
import { permissionFinding } from './permissions.ts';

const fsyncAnswer = z.tuple([z.literal('appendfsync'), z.string()]);

export type Examined = {
  findings: Finding[];
  /** Requests to the broker in the last minute, of all hosts of the account. */
  requestsUsed: Fact<number>;
};

/** @param told the broker's account, whose ledger is looked for; undefined where it is unknown */
export async function examineRedis(where: Where, told: Told | undefined): Promise<Examined> {
  try {
    return await withServer(where.url, where.account, (redis, info) => examine(where, redis, info, told));
  } catch (error) {
    if (!(error instanceof WorkstealError)) throw error;
    const finding = bad('redis', error.message, error.next);
    return { findings: [finding], requestsUsed: { missing: 'Redis does not answer' } };
  }
}

async function examine(
  { url, account }: Where,
  redis: Redis,
  info: string,
  told: Told | undefined,
): Promise<Examined> {
  const aheadMs = await fact(() => clockAheadMs({ redis }));
  const points = await fact(() => savePointsOf({ redis }));
  const fsync = await fact(async () => fsyncAnswer.parse(await redis.config('GET', 'appendfsync'))[1]);
  const findings = [
    well('redis', `answers at ${endpointsOf(url)}`),
    version(info, endpointsOf(url)),
    eviction(info),
    persistence(info, points),
    ...(infoField(info, 'aof_enabled') === '1' ? [judge('fsync', fsync, judgeFsync)] : []),
    replicas(info, endpointsOf(url)),
    await permissionFinding(redis, account),
    judge('redis clock', aheadMs, (ms) => clock('redis clock', 'Redis', ms, CLOCK_LIMIT_MS)),
    await identity({ url, account }, redis, told),
  ];
  return { findings, requestsUsed: await fact(() => requestsUsed(redis, account)) };
}

function version(info: string, where: string): Finding {
  const found = infoField(info, 'redis_version') ?? 'unknown';
  try {
    requireVersion(found, where);
    return well('redis version', found);
  } catch (error) {
    return bad('redis version', (error as Error).message, 'install a newer server');
  }
}

function judgeFsync(policy: string): Finding {
  if (policy !== 'no') return well('fsync', `appendfsync ${policy}`);
  return bad(
    'fsync',
    'the append-only file reaches the disk when the system likes (appendfsync no)',
    'CONFIG SET appendfsync everysec, and in its redis.conf',
  );
}

function replicas(info: string, where: string): Finding {
  const advice = adviceOn(info, where);
  if (advice.length > 0) return bad('replicas', advice.join('; '), 'CONFIG SET min-replicas-to-write 1');
  const count = Number(infoField(info, 'connected_slaves') ?? 0);
  return well('replicas', count === 0 ? 'none' : `${count}, and a master that loses them takes no writes`);
}

/** Do the keys belong to the account that the ledger is kept for, and is it kept under no other name? */
async function identity(where: Where, redis: Redis, told: Told | undefined): Promise<Finding> {
  if (told === undefined) return unknown('account', 'the broker did not say which account the keys are of');
  const ledger = ledgerOn(redis, where.account);
  try {
    const number = await look({ ledger, redisUrl: where.url, broker: { account: async () => told } });
    if (number === '') return unknown('account', 'the broker does not report a number');
    const isBound = (await redis.hget(key(where.account, 'account'), 'broker_account')) === number;
    return well(
      'account',
      isBound
        ? `the keys are of account ${number}, which the ledger ${where.account} is kept for`
        : `the keys are of account ${number}; the ledger ${where.account} is new, its keeper binds it`,
    );
  } catch (error) {
    if (!(error instanceof WorkstealError)) throw error;
    return error.code === 'account'
      ? bad('account', error.message, error.next)
      : unknown('account', error.message);
  }
}

async function requestsUsed(redis: Redis, account: string): Promise<number> {
  const [seconds] = z.tuple([z.coerce.number(), z.coerce.number()]).parse(await redis.time());
  return await redis.zcount(key(account, 'limiter'), (seconds - 60) * 1_000, '+inf');
}
