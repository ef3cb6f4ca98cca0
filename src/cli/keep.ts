/** `worksteal keep`: the account's keeper; any number stand by. */
import { Command } from 'commander';
import { runKeep } from '../../workers/keep.ts';

export function keepCommand(): Command {
  return new Command('keep')
    .description(
      "keeps the account: follows the broker's trade updates, reconciles, recovers; one is active, " +
        'others stand by',
    )
    .action(runKeep);
}
