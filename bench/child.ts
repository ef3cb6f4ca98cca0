/** A server in a process of its own, as its role runs it, and what it uses. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { judge, megabytes, type Target } from './report.ts';

/**
 * Bytes, after a collection: of its heap those in use, and those of the process that are in memory. And the
 * processor time that it has used so far.
 */
export type Usage = { heapBytes: number; residentBytes: number; cpuMicros: number };

export type Child = {
  url: string;
  pid: number;
  usage: () => Promise<Usage>;
  /** One question at a time. */
  ask: <T>(question: string) => Promise<T>;
  close: () => Promise<void>;
};

/** Starts a file of this folder, which calls `serve` once it listens. */
export async function startChild(file: string, args: readonly string[]): Promise<Child> {
  const profile = process.env['BENCH_PROFILE'];
  const child = fork(new URL(file, import.meta.url), [...args], {
    execArgv: ['--expose-gc', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const ask = async <T>(question: string): Promise<T> => {
    child.send(question);
    const [answer] = (await once(child, 'message')) as [T];
    return answer;
  };
  return {
    url,
    pid: child.pid as number,
    usage: () => ask('usage'),
    ask,
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** In the child: tells its address, answers what it is asked (`usage` always), and ends with its parent. */
export function serve(url: string, answers: Readonly<Record<string, () => unknown>> = {}): void {
  process.send?.({ url });
  process.on('message', async (question: string) => {
    process.send?.(await (answers[question] ?? usage)());
  });
  process.once('disconnect', () => process.exit(0));
}

function usage(): Usage {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { heapBytes: heapUsed, residentBytes: rss, cpuMicros: user + system };
}

/** Of a server, over the rounds. */
export function memoryGrowth(name: string, before: Usage, after: Usage): Target[] {
  const grown = (what: string, from: number, to: number): Target =>
    judge(
      { name: `${name}, ${what} after / before`, target: 1.2 },
      to / from,
      `${megabytes(to)} / ${megabytes(from)}`,
    );
  return [
    grown('heap', before.heapBytes, after.heapBytes),
    grown('memory', before.residentBytes, after.residentBytes),
  ];
}
