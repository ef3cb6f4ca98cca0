/** Measures the memory of processes and a Redis over time, and checks that it stays flat. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export type Process = { name: string; pid: number };
/** Bytes: the median of the second quarter of the time, of the last quarter, and the last by the second. */
export type Held = { name: string; early: number; late: number; ratio: number };

/** More than this of what it was earlier is no more flat. */
export const MOST = 1.1;

export class MemoryWatch {
  readonly #samples = new Map<string, number[]>();

  /** Linux only: resident memory is read from /proc. */
  async sample(processes: readonly Process[], redis: Redis): Promise<void> {
    for (const { name, pid } of processes) this.#keep(name, residentBytes(pid));
    const info = await redis.info('memory');
    this.#keep('redis, used_memory', Number(/^used_memory:(\d+)/m.exec(info)?.[1]));
    this.#keep('redis, rss', Number(/^used_memory_rss:(\d+)/m.exec(info)?.[1]));
  }

  held(): Held[] {
    return [...this.#samples].map(([name, samples]) => {
      const quarter = Math.floor(samples.length / 4);
      const [early, late] = [median(samples.slice(quarter, 2 * quarter)), median(samples.slice(3 * quarter))];
      return { name, early, late, ratio: late / early };
    });
  }

  #keep(name: string, bytes: number): void {
    const samples = this.#samples.get(name) ?? [];
    samples.push(bytes);
    this.#samples.set(name, samples);
  }
}

function residentBytes(pid: number): number {
  return 1_024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}
