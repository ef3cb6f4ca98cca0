/** Faults on purpose, for tests: a process kills or stops itself right after a step. */
import type { FleetSettings } from './fleet-settings.ts';

/** Called at each step; strikes where WORKSTEAL_DIE_AFTER or WORKSTEAL_HANG_AFTER names it. */
export function faults({
  dieAfter,
  hangAfter,
}: Pick<FleetSettings, 'dieAfter' | 'hangAfter'>): (name: string) => void {
  const strikes = [strike(dieAfter, 'SIGKILL'), strike(hangAfter, 'SIGSTOP')];
  return (name) => {
    for (const one of strikes) one(name);
  };
}

/** `step:nth` -> a function that sends the signal at the nth call with that step. */
function strike(setting: string | undefined, signal: NodeJS.Signals): (name: string) => void {
  if (setting === undefined) return () => {};
  const [step, nth = '1'] = setting.split(':');
  let left = Number(nth);
  return (name) => {
    if (name === step && --left === 0) process.kill(process.pid, signal);
  };
}
