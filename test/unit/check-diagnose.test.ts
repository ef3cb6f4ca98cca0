/** What `worksteal check` says of an account, by its facts alone (src/inspection/check/diagnose.ts). */
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, diagnose } from '../../src/inspection/check/diagnose.ts';
import type { Facts, Status } from '../../src/inspection/check/facts.ts';

const hosts = ['keep', 'work', 'watch'].map((role) => ({ host: `${role}-1`, role, agrees: true }));
const STATUS: Status = {
  ...{ admits: 'yes', syncedAtMs: 1_000, keeper: 'active', outbox: 0, cancelQueuePaused: 'no' },
  ...{ fingerprint: 'abc', hosts, troubles: [], halts: [], closures: [] },
  ...{ pools: [{ pool: 'total', capMicros: 1_000_000_000 }], brokerCountMicros: 1_000_000_000 },
  steals: { granted: 3, failed: 4 },
};
const INFO = 'maxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';
const WELL: Facts = {
  status: { value: STATUS },
  audit: { value: { faultCount: 0, faults: [] } },
  clockAheadMs: { value: 3 },
  info: { value: INFO },
  savePoints: { value: '' },
};

const having = (status: Partial<Status>): Facts => ({ ...WELL, status: { value: { ...STATUS, ...status } } });
const without = (role: string): Facts => having({ hosts: hosts.filter((host) => host.role !== role) });

/** The findings that are not well, `check: words`. */
const wrong = (facts: Facts): string[] =>
  diagnose(facts)
    .filter(({ well }) => well !== true)
    .map(({ check, words }) => `${check}: ${words}`);

describe('an account is', () => {
  it('well when nothing is wrong', () => {
    expect(wrong(WELL)).toEqual([]);
    expect(diagnose(WELL).map(({ next }) => next)).toEqual(Array(13).fill(''));
  });

  it.each<[string, Facts, RegExp]>([
    ['there is no keeper', having({ keeper: 'none' }), /^keeper: no keeper is active/],
    ['there is no worker', without('work'), /^worker: no heartbeat within 15 s/],
    ['there is no watcher', without('watch'), /^watcher: no heartbeat within 15 s/],
    [
      'a host has keys of another account',
      having({ troubles: [{ host: 'h', role: 'watch', why: 'keys' }] }),
      /^keys: 1 host stands aside: h \(watch\): keys/,
    ],
    [
      'the broker counts more than the cap',
      having({ brokerCountMicros: 1_000_000_001 }),
      /^cap: the broker counts \$1,000\.00 of a cap of/,
    ],
    [
      'most steals fail',
      having({ steals: { granted: 4, failed: 5 } }),
      /^steals: 5 of 9 that ended within an hour failed/,
    ],
    ['it is halted', having({ admits: 'halted' }), /^entries: not admitted: halted by a person/],
    [
      'it is halted by two people',
      having({
        admits: 'halted',
        halts: [
          { atMs: 0, by: 'alice@ops', reason: 'fills are odd' },
          { atMs: 1_000, reason: 'and late' },
        ],
      }),
      /halted: fills are odd, by alice@ops, at 1970-01-01T00:00:00.000Z; then and late, at 1970/,
    ],
    [
      'its keeper waits after a loss',
      having({ admits: 'unsynced', lossWaitMs: 13_400 }),
      /^entries: not admitted for 14 s more: an order sent before the ledger was lost may/,
    ],
    ['it is not reconciled', having({ admits: 'unsynced' }), /^entries: not admitted: the last reconcil/],
    ['it is over its cap', having({ admits: 'over' }), /^entries: not admitted: more is used/],
    [
      'it is closed',
      having({ admits: 'closed', closures: [{ cause: 'fleet', words: 'order p1_1' }] }),
      /^entries: closed: fleet \(order p1_1\)$/,
    ],
    [
      'a cancellation is overdue',
      having({ outbox: 2, outboxOldestMs: 10_001 }),
      /^outbox: 2 cancellations are on record, the oldest for 10 s/,
    ],
    [
      'its cancel queue is paused',
      having({ cancelQueuePaused: 'yes' }),
      /^outbox: the cancel queue is paused/,
    ],
    [
      'a host has other settings',
      having({ hosts: [...hosts, { host: 'odd', role: 'watch', agrees: false }] }),
      /^settings: odd has other settings/,
    ],
    [
      'the audit finds a fault',
      { ...WELL, audit: { value: { faultCount: 1, faults: ['far is 1'] } } },
      /^audit: 1 fault: far is 1/,
    ],
    ['the clocks differ', { ...WELL, clockAheadMs: { value: -2_600 } }, /^clock: .* 2\.6 s behind this host/],
    [
      'its Redis evicts keys',
      { ...WELL, info: { value: INFO.replace('noeviction', 'allkeys-lru').replace('memory:0', 'memory:9') } },
      /^eviction: Redis evicts keys/,
    ],
    [
      'its Redis keeps nothing on disk',
      { ...WELL, info: { value: INFO.replace('enabled:1', 'enabled:0') } },
      /^persistence: Redis keeps nothing on disk/,
    ],
  ])('not well when %s, and says what to do', (_when, facts, words) => {
    const findings = diagnose(facts).filter(({ well }) => well === false);
    expect(findings.map(({ check, words }) => `${check}: ${words}`)).toEqual([expect.stringMatching(words)]);
    expect(findings[0]?.next).not.toBe('');
  });

  it('not known where something cannot be asked, each by itself', () => {
    const missing = { missing: 'NOPERM' };
    expect(wrong({ ...WELL, audit: missing })).toEqual(["audit: can't say: NOPERM"]);
    expect(wrong({ ...WELL, status: missing })).toHaveLength(9);
    expect(wrong({ ...WELL, info: missing })).toHaveLength(2);
    expect(wrong({ ...WELL, info: { value: '' } })).toEqual([
      "eviction: can't say: the server does not report its policy",
      expect.stringMatching(/^persistence/),
    ]);
  });

  it('well at exactly the limits', () => {
    const { outboxMs, clockMs } = DEFAULT_LIMITS;
    expect(
      wrong({ ...having({ outbox: 1, outboxOldestMs: outboxMs }), clockAheadMs: { value: clockMs } }),
    ).toEqual([]);
  });

  it('well with snapshots alone', () => {
    const info = { value: INFO.replace('enabled:1', 'enabled:0') };
    expect(wrong({ ...WELL, info, savePoints: { value: '900 1' } })).toEqual([]);
  });
});
