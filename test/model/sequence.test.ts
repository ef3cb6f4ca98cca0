/**
 * Random sequences of commands, on the ledger and on a plain model. After every command both agree on every
 * order, position and total, the audit is clean (I2), no cap is exceeded unless it was lowered (I1), and
 * every order in cancellation is on record (I9). Victims are those of the reference decision, so no protected
 * order is taken (I3). Both agree on what a victim keeps, on the queue for room, and on whose turn it is
 * after each command. Some commands are sent twice and change nothing the second time (I6). A failure prints
 * its seed: SEQUENCE_SEED runs it again, SEQUENCE_RUNS sets how many.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useLedgers } from '../support/fixtures.ts';
import { SYNC_MAX_AGE_MS } from '../support/ledger.ts';
import type { SequenceRules } from './sequence-book.ts';
import { choices, fillings, pasts } from './sequence-commands.ts';
import { environment } from './sequence-rules.ts';
import { EQUITY_DOLLARS, runSequence, type Tally } from './sequence-run.ts';

const COMMANDS = 40;
/** A very slow machine runs fewer sequences, and shrinks a failure less. Usually all take half a minute. */
const LIMIT_MS = 150_000;
const SEED = Number(process.env['SEQUENCE_SEED'] ?? randomInt(2 ** 31));
const RUNS = Number(process.env['SEQUENCE_RUNS'] ?? 300);

const ledgers = useLedgers();

const rules: fc.Arbitrary<SequenceRules> = fc
  .record({
    policy: fc.constantFrom('pnl' as const, 'distance' as const, 'expected' as const),
    dryRun: fc.nat(7).map((n) => n === 0),
    leverage: fc.constantFrom(
      { total: '1', crypto: '1', stock: '1' },
      { total: '1', crypto: '0.5', stock: '0.7' },
      { total: '1.5', crypto: '0.4', stock: '0.4' },
    ),
    syncMaxAgeMs: fc.constant(SYNC_MAX_AGE_MS),
    shortMargin: fc.constantFrom('0', '0.03'),
    beyond: fc.nat(2).map((n) => n === 0),
    partial: fc.nat(3).map((n) => n > 0),
  })
  // The reference decision counts what is kept at its limit, a short sale may count more.
  .map((made) => ({ ...made, partial: made.partial && made.shortMargin === '0' }));

describe(`sequences of about ${COMMANDS} commands`, () => {
  const tally: Tally = new Map();

  it('leave the ledger and the model in the same state', { timeout: 2 * LIMIT_MS }, async () => {
    process.stderr.write(`sequences: SEQUENCE_SEED=${SEED}\n`);
    const sequence = fc.array(choices, { minLength: 1, maxLength: 2 * COMMANDS, size: 'max' });
    await fc.assert(
      fc.asyncProperty(rules, pasts, fillings, sequence, async (made, past, filling, list) => {
        const account = await ledgers.account({ env: environment(made), equity: `${EQUITY_DOLLARS}` });
        await runSequence(account, made, { past, choices: [...filling, ...list] }, tally);
      }),
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS },
    );
  });

  it('go everywhere', () => {
    const outcomes = [
      'fits',
      'stolen',
      'dry_run',
      'passed a fight',
      'keeps',
      'pnl_not_better',
      'insufficient_freed',
      'no_candidates',
      'no_price',
      'not_close_enough',
      'barred',
    ];
    for (const outcome of outcomes)
      expect([...tally.keys()], JSON.stringify([...tally])).toContain(`steal ${outcome}`);
    for (const key of [
      'settle settled granted',
      'settle settled failed',
      'settle settled pending',
      'replay',
      'place works',
      'place exit works',
      'beside an exit',
      'place no_position',
      'place unconfirmed',
      'place opposite',
      'admit blocked',
      'turn',
      'passed_over',
    ]) {
      expect(tally.get(key) ?? 0, key).toBeGreaterThan(0);
    }
  });
});
