/** `worksteal work`: a cancel worker; any number of them, on any number of hosts. */
import { Command } from 'commander';
import { runWork } from '../../workers/work.ts';

export function workCommand(): Command {
  return new Command('work')
    .description('carries out the cancellations that steals and watchers put on record; settings come from the environment')
    .action(runWork);
}
