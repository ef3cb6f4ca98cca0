/**
 * The mirror equals a fresh read after random runs of the protocol. A failure prints its seed: MIRROR_SEED
 * runs it again.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { openMirror } from '../../src/mirror/mirror.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, SYNC_MAX_AGE_MS } from '../support/ledger.ts';
import { freshly, mirrored } from '../support/mirrored.ts';
import type { SequenceRules } from './sequence-book.ts';
import { choices, fillings, pasts } from './sequence-commands.ts';
import { environment } from './sequence-rules.ts';
import { EQUITY_DOLLARS, runSequence } from './sequence-run.ts';

const SEED = Number(process.env['MIRROR_SEED'] ?? randomInt(2 ** 31));
const RUNS = 5;
const COMMANDS = 60;
const LIMIT_MS = 10_000;

const ledgers = useLedgers();

const RULES: SequenceRules = {
  policy: 'pnl',
  dryRun: false,
  leverage: { total: '1', crypto: '0.5', stock: '0.7' },
  syncMaxAgeMs: SYNC_MAX_AGE_MS,
  shortMargin: '0',
  beyond: false,
  partial: false,
};

/** Each run has the next of these rules: what ranks orders decides how they are listed. */
const RANKED: Partial<SequenceRules>[] = [
  {},
  { policy: 'distance' },
  { policy: 'expected' },
  { beyond: true },
  { policy: 'expected', beyond: true },
];

it(`the mirror equals a fresh read after each of ${RUNS} random runs (seed ${SEED})`, async () => {
  const runs = fc.sample(
    fc.record({
      past: pasts,
      filling: fillings,
      list: fc.array(choices, { minLength: COMMANDS, maxLength: COMMANDS }),
    }),
    { seed: SEED, numRuns: RUNS },
  );
  for (const [at, { past, filling, list }] of runs.entries()) {
    const rules = { ...RULES, ...RANKED[at % RANKED.length] };
    const account = await ledgers.account({ env: environment(rules), equity: `${EQUITY_DOLLARS}` });
    const { ledger } = account;
    const mirror = await openMirror({ ledger, redisUrl: ledgers.url, log: pino({ level: 'silent' }) });
    try {
      await runSequence(account, rules, { past, choices: [...filling, ...list] }, new Map());
      await mirror.settled(AbortSignal.timeout(LIMIT_MS));
      expect(mirrored(mirror)).toEqual(await freshly(ledger));
    } finally {
      await mirror.close();
    }
  }
});

it('orders that were too young are read again once they are old enough', async () => {
  const account = await ledgers.account({ env: { WORK_STEALING_MIN_RESIDENCY: '60' } });
  const { ledger } = account;
  const mirror = await openMirror({ ledger, redisUrl: ledgers.url, log: pino({ level: 'silent' }) });
  const victims = () =>
    new Set((mirrored(mirror).orders as { victim: string }[]).map(({ victim }) => victim));
  try {
    // So many that their turns to be read again don't come meanwhile.
    const names = Array.from({ length: 60 }, (_, at) => `A${at}`);
    await account.prices(Object.fromEntries(names.map((name) => [name, '11'])));
    await account.place(...names.map((name) => anOrder(`o${name}`).of(name).at('10').worth(10)));
    await mirror.settled(AbortSignal.timeout(LIMIT_MS));
    expect(victims()).toEqual(new Set(['young']));
    await account.advanceLedger(60_000);
    while ((await sweep(ledger, 100)).more);
    await mirror.settled(AbortSignal.timeout(LIMIT_MS));
    expect(mirrored(mirror)).toEqual(await freshly(ledger));
    expect(victims()).toEqual(new Set(['takeable']));
  } finally {
    await mirror.close();
  }
});
