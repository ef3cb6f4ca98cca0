/**
 * Makes the product's sleeps use a simulation's virtual time. While an actor runs, `setTimeout` of
 * `node:timers/promises` is the world's; elsewhere in the process it is unchanged.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const sleeper = new AsyncLocalStorage<(ms: number) => Promise<void>>();
const realSleep = timers.setTimeout;
timers.setTimeout = (<T>(ms?: number, value?: T, options?: object): Promise<T> => {
  const sleep = sleeper.getStore();
  return sleep === undefined ? realSleep(ms, value as T, options) : sleep(ms ?? 0).then(() => value as T);
}) as typeof timers.setTimeout;
syncBuiltinESMExports();

/** Runs `work`, and all that it starts, with this sleep. */
export function withSleep<T>(sleep: (ms: number) => Promise<void>, work: () => T): T {
  return sleeper.run(sleep, work);
}
