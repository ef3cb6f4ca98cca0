/**
 * What Redis spends in commands. `commandstats` is the time inside commands by the clock; the processor's
 * time of the main thread also holds reading requests and writing answers, but not the time in which another
 * process had the core: it stays the same on a busy machine.
 */
import type { Redis } from 'ioredis';
import { assert } from '../src/domain/errors.ts';

/**
 * How many scripts and functions this server has run so far, and the microseconds that it spent in them.
 */
async function scriptTime(redis: Redis): Promise<{ calls: number; micros: number }> {
  let calls = 0;
  let micros = 0;
  // The first call of a script on a connection is an EVAL, later ones are EVALSHAs; what only reads is an
  // EVALSHA_RO.
  for (const [, count, spent] of (await redis.info('commandstats')).matchAll(
    /cmdstat_(?:eval(?:sha)?|fcall)(?:_ro)?:calls=(\d+),usec=(\d+)/g,
  )) {
    calls += Number(count);
    micros += Number(spent);
  }
  return { calls, micros };
}

/**
 * Mean server time per script in microseconds, over all scripts that `work` runs. It must run exactly `calls`
 * scripts.
 */
export async function serverMicros(
  redis: Redis,
  calls: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await scriptTime(redis);
  await work();
  const after = await scriptTime(redis);
  assert(
    after.calls - before.calls === calls,
    `${after.calls - before.calls} scripts ran, but ${calls} should have been measured`,
  );
  return (after.micros - before.micros) / calls;
}

/** The processor time that the server's main thread has used so far, microseconds. */
export async function cpuMicros(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  // Before Redis 7 only the whole process is told.
  const [thread, whole] = ['_main_thread', ''].map((suffix) => {
    const found = ['user', 'sys'].map((kind) => new RegExp(`used_cpu_${kind}${suffix}:([\\d.]+)`).exec(info));
    return found.every((match) => match !== null)
      ? found.reduce((sum, match) => sum + Number(match?.[1]) * 1e6, 0)
      : undefined;
  });
  const micros = thread ?? whole;
  assert(micros !== undefined, 'INFO cpu has no processor time');
  return micros;
}

/** Processor time of the server per call, of `calls` calls that `work` makes. */
export async function cpuPerCall(redis: Redis, calls: number, work: () => Promise<unknown>): Promise<number> {
  const before = await cpuMicros(redis);
  await work();
  return ((await cpuMicros(redis)) - before) / calls;
}
