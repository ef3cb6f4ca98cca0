/**
 * Runs scenarios on scratch accounts, many at a time on one connection. Results come in the file's order.
 */
import { WorkstealError } from '../../domain/errors.ts';
import { decide } from '../../ledger/what-if/decide.ts';
import { conflictingPrices } from '../../ledger/what-if/quotes.ts';
import { readScenario, unknownFields } from '../../ledger/what-if/scenario.ts';
import type { ScratchAccounts } from '../../ledger/what-if/scratch.ts';
import { describeSettings, type Env } from '../../rules/settings.ts';
import { differences } from './compare.ts';
import type { Result } from './lines.ts';

/**
 * How many scenarios run at the same time: enough to keep Redis busy, few enough to keep waits short.
 */
const BATCH = 64;
/** Scratch accounts are removed after this many scenarios. */
const CLEAR_EVERY = 2_048;

const KNOWN = new Set(describeSettings({}).map(({ variable }) => variable));

/**
 * @param base the settings that a scenario's own override
 * @param signal stops the run after the current batch
 * @throws WorkstealError `unavailable`
 */
export async function runScenarios(
  raws: readonly unknown[],
  scratch: ScratchAccounts,
  base: Env,
  onResult: (result: Result, index: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < raws.length && !signal.aborted; from += BATCH) {
    const batch = raws.slice(from, from + BATCH).map((raw, at) => runOne(raw, from + at, scratch, base));
    for (const [at, result] of (await Promise.all(batch)).entries()) onResult(result, from + at);
    if ((from + BATCH) % CLEAR_EVERY === 0) await scratch.clear();
  }
}

async function runOne(raw: unknown, index: number, scratch: ScratchAccounts, base: Env): Promise<Result> {
  const id = idOf(raw, index);
  const warnings = unknownFields(raw).map((field) => `${field} is not known and has no effect`);
  try {
    const scenario = readScenario(raw);
    for (const name of Object.keys(scenario.config))
      if (!KNOWN.has(name)) warnings.push(`config.${name} is not a setting and has no effect`);
    if (scenario.account.equity.startsWith('-')) warnings.push('account.equity is below 0 and counts as 0');
    const decision = await decide(scratch.account(index), scenario, base);
    if (decision.reason !== 'invalid') warnings.push(...conflictingPrices(scenario));
    return {
      id,
      expects: scenario.expect !== undefined,
      wrong: differences(decision, scenario.expect),
      warnings,
      decision,
    };
  } catch (error) {
    if (!(error instanceof WorkstealError) || (error.code !== 'invalid' && error.code !== 'settings'))
      throw error;
    return { id, expects: false, wrong: [error.message], warnings, error };
  }
}

function idOf(raw: unknown, index: number): string {
  const id = (raw as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id !== '' ? id.slice(0, 200) : `#${index + 1}`;
}
