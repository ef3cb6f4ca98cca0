/** How bots reach a run: over the HTTP API, and by a gateway where it was asked for. */
import type { Env } from '../../rules/settings.ts';
import { startApi } from './api.ts';
import { startGateway } from './gateway.ts';
import type { Processes } from './processes.ts';

/** @param folder where the token file goes, unless WORKSTEAL_API_TOKENS names one */
export async function startDoors(
  processes: Processes,
  withGateway: boolean,
  { folder, env, say }: { folder: string; env: Env; say: (line: string) => void },
): Promise<void> {
  const file = await startApi(processes, folder, env, say);
  if (withGateway) await startGateway(processes, file, env, say);
}
