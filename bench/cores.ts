/**
 * Which core a process runs on. Where the system has `taskset` and two cores, Redis keeps one and the callers
 * another: the wait for an answer depends on where the system puts the two, by a factor of two.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Before this process keeps to one of them. */
const CORES = availableParallelism();

/** Keeps a process, all its threads included, on one core. False where that can't be done. */
export function pin(pid: number, core: number): boolean {
  return CORES > 1 && keepOn(pid, String(core));
}

/** Lets a process, and those that it starts, use all cores. False where that can't be done. */
export function unpin(pid: number): boolean {
  return keepOn(pid, `0-${CORES - 1}`);
}

function keepOn(pid: number, cores: string): boolean {
  const args = ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)];
  return spawnSync('taskset', args, { stdio: 'ignore' }).status === 0;
}
