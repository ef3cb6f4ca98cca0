/** One search by spin: the model with these defines, as a program of its own, in a folder of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, isLiveness } from './configurations.ts';

const MODEL = join(import.meta.dirname, 'steal.pml');
const TRAIL = 'steal.pml.trail';
const STEPS_LIMIT = 1_000_000;
const MEMORY_LIMIT_MB = 6_000;
const BUILD_LIMIT_MS = 120_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

export type Found = {
  /** `unfinished`: the search was not exhaustive, or the model could not be built; `fault` says why. */
  verdict: 'holds' | 'violated' | 'unfinished';
  fault: string;
  states: number;
  /** Of the longest run. */
  depth: number;
  /** Of the search alone. */
  seconds: number;
};

export type SearchOptions = {
  limitMs: number;
  /** The shortest counterexample of an assertion, step by step, goes here. */
  onTrail?: (text: string) => void;
};

/** Exhaustive: every state once, by partial order reduction, no hashing without comparison. Never throws. */
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
    // Where faults are counted, a process may wait for one that does not come any more: that is no fault of
    // the protocol.
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

/** @returns what went wrong, else '' */
async function build(
  configuration: Configuration,
  defines: readonly string[],
  folder: string,
  shortest: boolean,
): Promise<string> {
  const spin = await run('spin', [...defines, '-a', MODEL], folder, BUILD_LIMIT_MS);
  if (spin.code !== 0 || /error/i.test(spin.text)) return `spin: ${spin.text.trim()}`;
  // A counterexample is found soon: there the compiler's time counts. NFAIR=4: up to fourteen processes.
  const flags = [
    configuration.expect === 'holds' ? '-O2' : '-O0',
    '-w',
    '-DVECTORSZ=512',
    `-DMEMLIM=${MEMORY_LIMIT_MB}`,
  ];
  flags.push(...(isLiveness(configuration) ? ['-DNFAIR=4'] : ['-DSAFETY']), ...(shortest ? ['-DBFS'] : []));
  const cc = await run('cc', [...flags, '-o', 'pan', 'pan.c'], folder, BUILD_LIMIT_MS);
  return cc.code === 0 ? '' : `cc: ${cc.text.trim()}`;
}

/**
 * What pan printed. Anything but a finished search without errors, or the violation that was looked for, is
 * unfinished.
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
    if (dead.length > 0) return { ...unfinished(`never carried out: ${dead.join('; ')}`), ...figures };
    return { verdict: 'holds', fault: '', ...figures };
  }
  const looked = isLiveness(configuration) ? 'acceptance cycle' : 'assertion violated';
  if (!broken?.startsWith(looked))
    return { ...unfinished(`another fault than looked for: ${broken}`), ...figures };
  return { verdict: 'violated', fault: '', ...figures };
}

function deadStatements(text: string): string[] {
  return [...text.matchAll(/^\t(\S+:\d+), state \d+, "(.*)"$/gm)].flatMap(([, where = '', what]) =>
    what === '-end-' ? [] : [`${where.split('/').at(-1)} ${what}`],
  );
}

/** Without the lines that only say where a command begins and ends. */
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

/** Which of the programs that a search needs are not there, each with the Debian package that brings it. */
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
