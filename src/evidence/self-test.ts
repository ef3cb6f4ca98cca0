/**
 * The controls: whether the evaluation can be believed. On a market without any edge no policy may earn
 * anything, on one with a planted edge it must be found, and what is decided may not depend on the future.
 */
import { controlMarket } from './control-market.ts';
import { evaluate, type SizeAnswer } from './evaluate.ts';
import { decisionsBefore, falseGain, knowingPlans, withOtherFuture, withPlans } from './look-ahead.ts';
import { NONE, POLICIES } from './policies.ts';
import { runSeed } from './run.ts';
import type { RunSeeds } from './run-seeds.ts';
import type { Market, RunOptions, SeedResult } from './types.ts';
import { bps } from './verdict.ts';

export type Control = { control: string; passed: boolean; says: string };
export type SelfTest = { seed: number; passed: boolean; controls: Control[] };

export type SelfTestOptions = {
  seed: number;
  run: RunSeeds;
  workers?: number | undefined;
  onProgress?: (share: number) => void;
  /** Length of the markets; a test may shorten it. */
  days?: number;
  runOne?: (market: Market, options: RunOptions) => SeedResult;
};

const DAYS = 120;
const SEEDS = 4;
/** Twelve orders of this share are more than twice the cap. */
const SIZE = 0.4;
/** Of the furthest of all policies: two standard errors for one alone. */
const LEVEL = 0.05;
/** The market of the look-ahead is short: it is run six times, here. */
const FUTURE = { days: 12, splitDays: 8 } as const;
const DAY_MS = 86_400_000;

export async function selfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { onProgress } = options;
  const placebos = 3;
  const answers: SizeAnswer[] = [];
  for (const [at, market] of markets(options).entries())
    answers.push(await answerOf(market, options, (share) => onProgress?.((at + share) / (placebos + 1))));
  const [truth, drawn, edge] = answers as [SizeAnswer, SizeAnswer, SizeAnswer];
  const controls = [
    withoutEdge('no edge, true minutes', truth),
    withoutEdge('no edge, minutes drawn to fit the bars', drawn),
    plantedEdge(edge),
    ...future(options),
  ];
  return { seed: options.seed, passed: controls.every(({ passed }) => passed), controls };
}

function markets({ seed, days = DAYS }: SelfTestOptions): Market[] {
  return [
    controlMarket({ kind: 'fair', seed, days }),
    controlMarket({ kind: 'fair', seed, days, minutes: false }),
    controlMarket({ kind: 'edge', seed, days }),
  ];
}

async function answerOf(
  market: Market,
  { seed, run, workers }: SelfTestOptions,
  onProgress: (share: number) => void,
): Promise<SizeAnswer> {
  const policies = POLICIES.filter(({ kind }) => kind !== 'hindsight');
  const asked = { policies, sizes: [SIZE] };
  const seeds = Array.from({ length: SEEDS }, (_, at) => seed + at);
  const threads = workers === undefined ? {} : { workers };
  const tally = await run({ market, options: asked }, { seeds, ...threads, onProgress });
  return evaluate(tally, { ...asked, costsBps: [0], seed })[0] as SizeAnswer;
}

/** No policy is further from 0 than chance brings the furthest of so many, 95 times in 100. */
function withoutEdge(control: string, { policies, scarce }: SizeAnswer): Control {
  const ts = policies
    .filter(({ policy }) => policy.name !== NONE)
    .map(({ policy, differences: [first] }) => ({
      name: policy.name,
      mean: first?.mean ?? 0,
      t: first === undefined || first.standardError === 0 ? 0 : first.mean / first.standardError,
      p: first?.correctedP ?? 1,
      couldSee: first?.couldSee ?? 0,
    }));
  const worst = ts.reduce((a, b) => (Math.abs(b.t) > Math.abs(a.t) ? b : a));
  return {
    control,
    passed: scarce && worst.p >= LEVEL,
    says: scarce
      ? `furthest from 0: ${worst.name}, ${bps(worst.mean)} bps a day, ` +
        `${worst.t.toFixed(1)} standard errors, p of so many ${worst.p.toFixed(2)}; ` +
        `could have seen ${bps(worst.couldSee, false)}`
      : 'capacity was not scarce: it shows nothing',
  };
}

function plantedEdge({ policies }: SizeAnswer): Control {
  const found = policies.filter(({ differences: [first] }) => first?.verdict === 'earns');
  const pnl = policies.find(({ policy }) => policy.name === 'pnl')?.differences[0];
  return {
    control: 'planted edge',
    passed: found.some(({ policy }) => policy.kind === 'pnl'),
    says:
      pnl === undefined
        ? 'pnl was not run'
        : `pnl ${bps(pnl.mean)} bps a day (${bps(pnl.low)} .. ${bps(pnl.high)}); found: ` +
          `${found.map(({ policy }) => policy.name).join('; ') || 'none'}`,
  };
}

/** Other prices after an instant change nothing before it; plans that know the future are caught. */
function future({ seed, runOne = runSeed }: SelfTestOptions): Control[] {
  const market = controlMarket({ kind: 'edge', seed, days: FUTURE.days, minutes: false });
  const splitMs = (market.symbols[0]?.bars[0]?.startMs ?? 0) + FUTURE.splitDays * DAY_MS;
  const policies = POLICIES.filter(({ kind }) => kind !== 'hindsight');
  const run = (one: Market): SeedResult => runOne(one, { policies, sizes: [SIZE], seed });
  const other = withOtherFuture(market, splitMs);
  const [honest, changed] = [run(market), run(other)];
  const [knowing, caught] = [run(withPlans(market, knowingPlans)), run(withPlans(other, knowingPlans))];
  const before = decisionsBefore(honest, splitMs);
  const differ = differing(decisionsBefore(knowing, splitMs), decisionsBefore(caught, splitMs));
  const gain = falseGain(knowing, honest);
  return [
    {
      control: 'other prices after an instant',
      passed: before.length > 0 && isSame(before, decisionsBefore(changed, splitMs)),
      says:
        `${before.length} steals before it, ` +
        `${differing(before, decisionsBefore(changed, splitMs))} differ`,
    },
    {
      control: 'plans that know the future are caught',
      passed: differ > 0 && gain.isLarge,
      says:
        `${differ} steals differ; they seem to earn ${bps(gain.knowing)} bps a day, ` +
        `honest plans ${bps(gain.honest)}${gain.isLarge ? '' : ': too little to show anything'}`,
    },
  ];
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);

/** How many are in one list alone. */
function differing(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [new Set(a), new Set(b)];
  return a.filter((text) => !other.has(text)).length + b.filter((text) => !one.has(text)).length;
}
