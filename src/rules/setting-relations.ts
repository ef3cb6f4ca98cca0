/**
 * Relations between settings (docs/rules.md, 2): what would break the rules is an error, what is
 * unwise a warning. Every sentence names the variables, their values and what to do.
 */
import { toNanos } from '../domain/decimal.ts';
import { leverageAt } from './session-leverage.ts';
import { SETTING_TABLE, type SettingKey } from './setting-table.ts';
import type { Settings } from './setting-values.ts';

/** `concerns`: the settings it compares. A relation is skipped while one of them could not be read. */
type Relation = {
  concerns: readonly SettingKey[];
  broken: (settings: Settings) => boolean;
  say: (settings: Settings) => string;
};

const name = (key: SettingKey): string => SETTING_TABLE[key].variable;
const inSeconds = (ms: number): string => `${ms / 1000} s`;
const above = (left: string, right: string): boolean => toNanos(left) > toNanos(right);

const ERRORS: readonly Relation[] = [
  {
    // A fight may count steals as old as the window; they must stay on record until its cooldown ends.
    concerns: ['historyTtlMs', 'fightWindowMs', 'fightCooldownMs'],
    broken: (s) => s.historyTtlMs < s.fightWindowMs + s.fightCooldownMs,
    say: (s) =>
      `${name('historyTtlMs')}=${s.historyTtlMs / 1000} is shorter than ${name('fightWindowMs')} + ` +
      `${name('fightCooldownMs')}` +
      ` (${s.fightWindowMs / 1000} + ${s.fightCooldownMs / 1000} s), so fights would be forgotten;` +
      ` make it at least ${(s.fightWindowMs + s.fightCooldownMs) / 1000}`,
  },
  {
    // Whether a symbol stole from the thief's within the cooldown is read from the history.
    concerns: ['historyTtlMs', 'cooldownMs'],
    broken: (s) => s.historyTtlMs < s.cooldownMs,
    say: (s) =>
      `${name('historyTtlMs')}=${s.historyTtlMs / 1000} is shorter than ${name('cooldownMs')} ` +
      `(${inSeconds(s.cooldownMs)}),` +
      ` so stealing back would go unseen; make it at least ${s.cooldownMs / 1000}`,
  },
  {
    concerns: ['historyTtlMs', 'maxRobbed', 'robbedWindowMs'],
    broken: (s) => s.maxRobbed > 0 && s.historyTtlMs < s.robbedWindowMs,
    say: (s) =>
      `${name('historyTtlMs')}=${s.historyTtlMs / 1000} is shorter than ${name('robbedWindowMs')} ` +
      `(${inSeconds(s.robbedWindowMs)}),` +
      ` so steals that count for ${name('maxRobbed')} would be forgotten; make it at least ` +
      `${s.robbedWindowMs / 1000}`,
  },
];

const WARNINGS: readonly Relation[] = [
  {
    concerns: ['gate', 'protection'],
    broken: (s) => !above(s.protection, s.gate),
    say: (s) =>
      `${name('gate')}=${s.gate} is not below ${name('protection')}=${s.protection}: a fresh thief ` +
      'could be robbed at once;' +
      ' set the protection above the steal gate',
  },
  {
    concerns: ['protection', 'cryptoNormalTolerance', 'cryptoOutOfHoursTolerance'],
    broken: (s) =>
      !above(s.cryptoNormalTolerance, s.protection) && !above(s.cryptoOutOfHoursTolerance, s.protection),
    say: (s) =>
      `${name('protection')}=${s.protection} covers both entry tolerances: every order enters ` +
      'protected, and only a price that' +
      ' moves away can make it a victim; set the protection below them',
  },
  {
    concerns: ['cryptoNormalTolerance', 'cryptoOutOfHoursTolerance'],
    broken: (s) => above(s.cryptoNormalTolerance, s.cryptoOutOfHoursTolerance),
    say: (s) =>
      `${name('cryptoOutOfHoursTolerance')}=${s.cryptoOutOfHoursTolerance} is narrower than ` +
      `${name('cryptoNormalTolerance')}=` +
      `${s.cryptoNormalTolerance}: cryptos would enter later out of hours than in them; swap the two`,
  },
  {
    concerns: ['enabled', 'dryRun'],
    broken: (s) => !s.enabled && s.dryRun,
    say: () =>
      `${name('dryRun')}=1 has no effect while ${name('enabled')}=0; set ${name('enabled')}=1 to see ` +
      'what would be stolen',
  },
  {
    concerns: ['cooldownMs'],
    broken: (s) => s.cooldownMs === 0,
    say: () =>
      `${name('cooldownMs')}=0: a symbol can be robbed again at once, and steal back at once; 300 is ` +
      'the default',
  },
  {
    concerns: ['fightThreshold'],
    broken: (s) => s.fightThreshold === 1,
    say: () =>
      `${name('fightThreshold')}=1: the first steal of any pair is a fight, so nothing is ever ` +
      'stolen; set 2 or more',
  },
  {
    // Between two steals of the same pair, in either direction, a cooldown must end.
    concerns: ['fightThreshold', 'fightWindowMs', 'cooldownMs'],
    broken: (s) => (s.fightThreshold - 1) * s.cooldownMs > s.fightWindowMs,
    say: (s) =>
      `${name('fightWindowMs')}=${s.fightWindowMs / 1000} is over before ${s.fightThreshold} steals ` +
      `with ${name('cooldownMs')}=` +
      `${s.cooldownMs / 1000} between them: no fight would ever be seen; make it at least ` +
      `${((s.fightThreshold - 1) * s.cooldownMs) / 1000}`,
  },
  {
    concerns: ['fightCooldownMs', 'cooldownMs'],
    broken: (s) => s.fightCooldownMs < s.cooldownMs,
    say: (s) =>
      `${name('fightCooldownMs')}=${s.fightCooldownMs / 1000} is shorter than ` +
      `${name('cooldownMs')}=${s.cooldownMs / 1000}:` +
      ' a fight would protect for less time than one steal; make it longer',
  },
  {
    concerns: ['regretWindowMs', 'historyTtlMs'],
    broken: (s) => s.regretWindowMs > s.historyTtlMs,
    say: (s) =>
      `${name('regretWindowMs')}=${s.regretWindowMs / 1000} is longer than ${name('historyTtlMs')} ` +
      `(${inSeconds(s.historyTtlMs)}), and no steal is watched for longer than that; ` +
      'make the history longer, or the window shorter',
  },
  {
    concerns: ['partial', 'partialMin'],
    broken: (s) => s.partial && s.partialMin === '1',
    say: () =>
      `${name('partialMin')}=1: no victim ever keeps a part of its order; set it below 1, or ` +
      `${name('partial')}=0`,
  },
  {
    concerns: ['leverage'],
    broken: (s) => above(s.pools[0].leverage, '4'),
    say: (s) =>
      `${name('leverage')}=${s.pools[0].leverage} is more than brokers lend (2, or 4 within a day):` +
      ' the broker would refuse orders; lower it',
  },
];

/**
 * A pool can't use more room than `total` has, in the session or outside it. One warning for each such pool.
 */
function widePools(settings: Settings): string[] {
  const [total, ...rest] = settings.pools;
  return rest.flatMap((pool) => {
    const when = [true, false].find((isOpen) => above(leverageAt(pool, isOpen), leverageAt(total, isOpen)));
    if (when === undefined) return [];
    const where = when ? '' : ' out of market hours';
    return [
      `${name('pools')}: pool ${pool.name} has leverage ${leverageAt(pool, when)}, total has ` +
        `${leverageAt(total, when)}${where}` +
        ` (${name('leverage')}): total is full first; lower the one or raise the other`,
    ];
  });
}

/** Brokers lend less overnight, not more. One warning for each pool with more outside the session. */
function swappedPools(settings: Settings): string[] {
  return settings.pools
    .filter((pool) => above(leverageAt(pool, false), pool.leverage))
    .map(
      (pool) =>
        `${name(pool.name === 'total' ? 'leverage' : 'pools')}: pool ${pool.name} has leverage ` +
        `${pool.leverage} in market hours and more,` +
        ` ${leverageAt(pool, false)}, out of them; the first number is for market hours: swap the two`,
    );
}

/**
 * Errors and warnings about relations between settings, as sentences. `unread`: settings that could not be
 * read; they have their defaults in `settings`, so relations with them are skipped.
 */
export function relate(
  settings: Settings,
  unread: ReadonlySet<SettingKey>,
): { errors: string[]; warnings: string[] } {
  const found = (relations: readonly Relation[]): string[] =>
    relations
      .filter((r) => !r.concerns.some((key) => unread.has(key)) && r.broken(settings))
      .map((r) => r.say(settings));
  return {
    errors: found(ERRORS),
    warnings: [...found(WARNINGS), ...widePools(settings), ...swappedPools(settings)],
  };
}
