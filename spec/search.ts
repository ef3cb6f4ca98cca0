/**
 * One search by spin: compiles the model with a configuration's defines in a temporary folder, and runs it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, DEEP, isLiveness } from './configurations.ts';

const MODEL = join(import.meta.dirname, 'steal.pml');
const TRAIL = 'steal.pml.trail';
const STEPS_LIMIT = 1_000_000;
const MEMORY_LIMIT_MB = 6_000;
const BUILD_LIMIT_MS = 120_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

export type Found = {
  /** `unfinished`: the search was not exhaustive, or the model could not be compiled; `fault` says why. */
  verdict: 'holds' | 'violated' | 'unfinished';
  fault: string;
  states: number;
  /** Steps of the longest run. */
  depth: number;
  /** Time of the search, without compilation. */
  seconds: number;
};

export type SearchOptions = {
  limitMs: number;
  /** Receives the counterexample, step by step; the shortest one of an assertion. */
  onTrail?: (text: string) => void;
};

/**
 * Searches exhaustively: every state once, with partial order reduction. States are compared in full (no
 * bitstate hashing). Failures are in the result (`unfinished`).
 */
export async function search(
  configuration: Configuration,
  { limitMs, onTrail }: SearchOptions,
): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'worksteal-spec-'));
  try {
    const shortest = onTrail !== undefined && !isLiveness(configuration);
    const defines = [...configuration.defines, `CHECK_${configuration.property}`].map(
      (define) => `-D${define}`,
    );
    const built = await build(configuration, defines, folder, shortest);
    if (built !== '') return unfinished(built);
    const fair = isLiveness(configuration) ? ['-a', '-f'] : [];
    // With a limited number of faults a process may wait for a fault that never comes. That is not a deadlock
    // of the protocol, so invalid end states are ignored.
    const stopped = configuration.defines.some((define) => define.startsWith('FAULTS=')) ? ['-E'] : [];
    const unreached = configuration.complete ? [] : ['-n'];
    const pan = await run(
      './pan',
      [...fair, ...stopped, ...unreached, `-m${STEPS_LIMIT}`, '-w21'],
      folder,
      limitMs,
    );
    if (pan.late) return unfinished(`not finished within ${limitMs / 1_000} s`);
    const found = read(pan.text, configuration);
    if (onTrail && found.verdict === 'violated') {
      const trail = await run(
        'spin',
        [...defines, '-k', TRAIL, '-t', '-p', '-g', MODEL],
        folder,
        BUILD_LIMIT_MS,
      );
      onTrail(`${readable(trail.text)}\n`);
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Compiles the model. @returns the error, or '' */
async function build(
  configuration: Configuration,
  defines: readonly string[],
  folder: string,
  shortest: boolean,
): Promise<string> {
  const spin = await run('spin', [...defines, '-a', MODEL], folder, BUILD_LIMIT_MS);
  if (spin.code !== 0 || /error/i.test(spin.text)) return `spin: ${spin.text.trim()}`;
  // Only the deep searches take longer than an optimized compilation. NFAIR=4: up to 14 processes.
  const flags = [
    DEEP.includes(configuration) ? '-O2' : '-O0',
    '-w',
    '-DVECTORSZ=512',
    `-DMEMLIM=${MEMORY_LIMIT_MB}`,
  ];
  flags.push(...(isLiveness(configuration) ? ['-DNFAIR=4'] : ['-DSAFETY']), ...(shortest ? ['-DBFS'] : []));
  const cc = await run('cc', [...flags, '-o', 'pan', 'pan.c'], folder, BUILD_LIMIT_MS);
  return cc.code === 0 ? '' : `cc: ${cc.text.trim()}`;
}

/**
 * Reads the output of pan. Only a finished search without errors `holds`, and only the expected kind of error
 * is `violated`; everything else is `unfinished`.
 */
function read(text: string, configuration: Configuration): Found {
  const errors = /errors: (\d+)/.exec(text)?.[1];
  const figures = {
    states: Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0),
    depth: Number(/depth reached (\d+)/.exec(text)?.[1] ?? 0),
    seconds: Number(/elapsed time ([\d.]+)/.exec(text)?.[1] ?? 0),
  };
  const broken = /^pan:\d+: (.*?)(?: \(|$)/m.exec(text)?.[1];
  if (errors === undefined || /max search depth too small|out of memory|memory limit/i.test(text)) {
    return { ...unfinished(text.trim().split('\n').slice(0, 3).join(' / ')), ...figures };
  }
  if (errors === '0') {
    const dead = configuration.complete ? deadStatements(text) : [];
    if (/Search not completed/.test(text))
      return { ...unfinished('the search was not completed'), ...figures };
    if (dead.length > 0) return { ...unfinished(`statements never reached: ${dead.join('; ')}`), ...figures };
    return { verdict: 'holds', fault: '', ...figures };
  }
  const looked = isLiveness(configuration) ? 'acceptance cycle' : 'assertion violated';
  if (!broken?.startsWith(looked))
    return { ...unfinished(`an error of another kind than expected: ${broken}`), ...figures };
  return { verdict: 'violated', fault: '', ...figures };
}

function deadStatements(text: string): string[] {
  return [...text.matchAll(/^\t(\S+:\d+), state \d+, "(.*)"$/gm)].flatMap(([, where = '', what]) =>
    what === '-end-' ? [] : [`${where.split('/').at(-1)} ${what}`],
  );
}

/** The trail without the lines for control flow. */
function readable(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/\[(?:IF|DO|sub-sequence|\.\(goto\)|\(1\)|goto .*)\]|:init:|^\s*$/.test(line))
    .map((line) => line.replace(/ \S*\/(\w+\.pml:\d+) \(state \d+\)/, ' $1'))
    .join('\n');
}

function unfinished(fault: string): Found {
  return { verdict: 'unfinished', fault, states: 0, depth: 0, seconds: 0 };
}

type Ran = { code: number; text: string; late: boolean };

function run(command: string, args: readonly string[], folder: string, limitMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const options = {
      cwd: folder,
      timeout: limitMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: OUTPUT_LIMIT_BYTES,
    };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      const failed = error !== null && typeof error.code === 'string' ? error.message : '';
      resolve({ code, text: `${stdout}${stderr}${failed}`, late: error?.killed === true });
    });
  });
}

/** The programs that a search needs and that are missing, each with the Debian packages that contain it. */
export async function missingPrograms(): Promise<string[]> {
  const needed = [
    { command: 'spin', args: ['-V'], packages: 'spin' },
    { command: 'gcc', args: ['--version'], packages: 'gcc libc6-dev' },
    { command: 'cc', args: ['--version'], packages: 'gcc libc6-dev' },
  ];
  const runs = await Promise.all(
    needed.map(({ command, args }) => run(command, args, tmpdir(), BUILD_LIMIT_MS)),
  );
  return needed.flatMap(({ command, packages }, at) =>
    runs[at]?.code === 0 ? [] : [`${command} (apt-get install ${packages})`],
  );
}
