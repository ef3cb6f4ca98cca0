/** The arguments of the script `configure`, for tests that call the script itself. */
import { configure } from '../../src/ledger/commands/configure.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import { SYNC_MAX_AGE_MS } from './ledger.ts';

/** Where the VIP symbols stand, joined by `;`. */
export const VIP_ARGUMENT = 15;

/** What `configure` sends for these settings. */
export async function configureArguments(env: Env = {}): Promise<string[]> {
  let sent: string[] = [];
  const ledger: Pick<Ledger, 'run'> = {
    async run(_script, args) {
      sent = args.map(String);
      return ['configured', 'created', '0'];
    },
  };
  await configure(ledger as Ledger, readSettings(env).settings, SYNC_MAX_AGE_MS);
  return sent;
}
