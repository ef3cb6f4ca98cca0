/** Tries mutations one after the other: each must make the test that is named beside it fail. */
import type { Mutation } from './mutation.ts';
import { type Outcome, runTests } from './tests.ts';
import type { Tree } from './tree.ts';

/** For one run of a test file; a run that takes longer finds nothing. */
const LIMIT_MS = 120_000;

/**
 * What is thrown where the broken text can not be run at all: that would find anything, so it finds nothing.
 */
const NOT_RUNNABLE = /SyntaxError|Transform failed|PARSE_ERROR|Error compiling script|user_script/i;

export type Verdict = {
  readonly mutation: Mutation;
  readonly found: boolean;
  /** The test that failed, or why nothing was found. */
  readonly what: string;
  readonly seconds: number;
};

/** Calls `told` for each as soon as it is known; those of one test file come together. */
export async function search(
  tree: Tree,
  mutations: readonly Mutation[],
  told: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [file, ofFile] of Map.groupBy(mutations, ({ by }) => by)) {
    const whole = ofFile.some(({ test }) => test === undefined);
    const names = whole ? [] : ofFile.map(({ test = '' }) => test);
    const sound = await runTests(tree.folder, file, names, LIMIT_MS);
    for (const mutation of ofFile) {
      const startedMs = performance.now();
      const unfit = unfitFor(mutation, sound);
      const [found, what] = unfit === undefined ? await tryOne(tree, mutation) : [false, unfit];
      const verdict = { mutation, found, what, seconds: (performance.now() - startedMs) / 1_000 };
      told(verdict);
      verdicts.push(verdict);
    }
  }
  return verdicts;
}

/** Why a test that fails would say nothing: it fails without the mutation, too, or there is none. */
function unfitFor({ test = '' }: Mutation, { passed, failed, trouble }: Outcome): string | undefined {
  if (trouble !== undefined) return `without the mutation: ${trouble}`;
  const [fails] = [...failed.keys()].filter((name) => name.includes(test));
  if (fails !== undefined) return `fails without the mutation, too: ${fails}`;
  return passed.some((name) => name.includes(test)) ? undefined : `no test is called "${test}"`;
}

async function tryOne(tree: Tree, mutation: Mutation): Promise<[boolean, string]> {
  const restore = tree.apply(mutation);
  try {
    const { failed, trouble } = await runTests(
      tree.folder,
      mutation.by,
      mutation.test === undefined ? [] : [mutation.test],
      LIMIT_MS,
    );
    if (trouble !== undefined) return [false, trouble];
    const [first] = [...failed].filter(([, thrown]) => !NOT_RUNNABLE.test(thrown));
    if (first !== undefined) return [true, first[0]];
    const [odd] = failed.values();
    return [false, odd === undefined ? 'every test passed' : `can't be run: ${odd}`];
  } finally {
    restore();
  }
}
