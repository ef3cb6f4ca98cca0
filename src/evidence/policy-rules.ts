/** A policy's rules as the kernel takes them. */
import { WorkstealError } from '../domain/errors.ts';
import type { KernelRules, Ranking } from '../kernel/rules.ts';
import { DEFAULT_RULES, type EvidenceRules, type Policy, type PolicyKind } from './types.ts';

const NANOS = 1e9;

const RANKING: Record<PolicyKind, Ranking> = {
  none: 'pnl',
  queue: 'pnl',
  random: 'lot',
  pnl: 'pnl',
  distance: 'distance',
  expected: 'pnl',
  hindsight: 'pnl',
};

/** `gate` and `protection`: nanos of one. `steals`: false for `none` and `queue`. */
export type PolicyRules = {
  readonly kernel: KernelRules;
  readonly gate: number;
  readonly protection: number;
  readonly forecastBound: number;
  readonly steals: boolean;
};

/** @throws WorkstealError `invalid` for a rule that can't be used, naming the policy and the rule. */
export function rulesOf({ name, rules: own }: Policy): EvidenceRules {
  const rules = { ...DEFAULT_RULES, ...own };
  for (const [rule, value] of Object.entries(rules)) {
    if (typeof value === 'boolean' || (Number.isFinite(value) && value >= 0)) continue;
    throw fault(`policy ${name}: ${rule} is ${value}, not a number of at least 0`);
  }
  if (rules.leverage <= 0) throw fault(`policy ${name}: leverage is ${rules.leverage}, not above 0`);
  if (rules.improvement < 1) throw fault(`policy ${name}: improvement is ${rules.improvement}, below 1`);
  return rules;
}

export function kernelRulesOf({ kind }: Policy, rules: EvidenceRules): PolicyRules {
  return {
    kernel: {
      ranking: RANKING[kind],
      cooldownMs: rules.cooldownMs,
      margin: Math.round((rules.improvement - 1) * NANOS),
      fightThreshold: rules.fightThreshold,
      fightWindowMs: rules.fightWindowMs,
      fightCooldownMs: rules.fightCooldownMs,
      maxVictims: rules.maxVictims,
      halfLifeMs: rules.halfLifeMs,
      residencyMs: rules.residencyMs,
      maxRobbed: rules.maxRobbed,
      robbedWindowMs: rules.robbedWindowMs,
      budget: Math.round(rules.budget * NANOS),
      budgetWindowMs: rules.budgetWindowMs,
      partialMin: rules.partial ? Math.round(rules.partialMin * NANOS) : -1,
    },
    gate: Math.round(rules.tolerance * NANOS),
    protection: Math.round(rules.protection * NANOS),
    forecastBound: rules.forecastBound,
    steals: kind !== 'none' && kind !== 'queue',
  };
}

function fault(message: string): WorkstealError {
  return new WorkstealError('invalid', message, { field: 'policies' });
}
