/** A Redis server as `worksteal check` and `doctor` judge it: its clock, and what it does with its data. */
import { z } from 'zod';
import type { Ledger } from '../../ledger/ledger.ts';
import { infoField } from '../../redis/advice.ts';
import { bad, type Fact, type Finding, judge, unknown, well } from './finding.ts';

const time = z.tuple([z.coerce.number(), z.coerce.number()]);
const savePoints = z.tuple([z.literal('save'), z.string()]);

/** The clocks of two machines may differ by at most this, ms. */
export const CLOCK_LIMIT_MS = 2_000;

/**
 * @param whose the machine with the other clock, such as `Redis`
 * @param aheadMs by how much its clock is ahead of this host's; below 0: behind
 */
export function clock(check: string, whose: string, aheadMs: number, limitMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1);
  if (Math.abs(aheadMs) <= limitMs) return well(check, `${whose} and this host agree within ${seconds} s`);
  return bad(
    check,
    `the clock of ${whose} is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this host's`,
    'synchronize both by NTP',
  );
}

/** By how many ms the server's clock is ahead of this host's; below 0: behind. */
export async function clockAheadMs({ redis }: Pick<Ledger, 'redis'>): Promise<number> {
  const askedMs = Date.now();
  const [seconds, micros] = time.parse(await redis.time());
  const heardMs = Date.now();
  return seconds * 1_000 + micros / 1_000 - (askedMs + heardMs) / 2;
}

/** The server's `save` setting; '' if it writes no snapshots. */
export async function savePointsOf({ redis }: Pick<Ledger, 'redis'>): Promise<string> {
  return savePoints.parse(await redis.config('GET', 'save'))[1];
}

export function eviction(info: string): Finding {
  const policy = infoField(info, 'maxmemory_policy');
  if (policy === undefined) return unknown('eviction', 'the server does not report its policy');
  if (policy === 'noeviction' || infoField(info, 'maxmemory') === '0')
    return well('eviction', 'Redis evicts no keys');
  return bad(
    'eviction',
    `Redis evicts keys when its memory is full (maxmemory-policy ${policy})`,
    'CONFIG SET maxmemory-policy noeviction, and in its redis.conf',
  );
}

export function persistence(info: string, savePoints: Fact<string>): Finding {
  if (infoField(info, 'aof_enabled') === '1') return well('persistence', 'an append-only file is written');
  return judge('persistence', savePoints, (points) =>
    points !== ''
      ? well('persistence', `snapshots are written (save ${points}); an append-only file would lose less`)
      : bad(
          'persistence',
          'Redis keeps nothing on disk: after a restart orders are rebuilt from the broker, while ' +
            'plans and steal history are lost',
          'CONFIG SET appendonly yes, and in its redis.conf',
        ),
  );
}
