/** `worksteal serve`: the HTTP API of one or several accounts. */
import { WorkstealError } from '../src/domain/errors.ts';
import { type Fleet, openFleet } from '../src/fleet/fleet.ts';
import { type ApiSettings, readFleetSettings } from '../src/fleet/fleet-settings.ts';
import { servedAccounts } from '../src/fleet/served-accounts.ts';
import { type AccountDoor, openDoor } from '../src/http/account-door.ts';
import { isLoopback } from '../src/http/origins.ts';
import { startApi } from '../src/http/server.ts';
import { makeToken, readTokenFile, recordOf } from '../src/http/token-file.ts';
import { Tokens } from '../src/http/tokens.ts';
import type { ReadinessCheck } from '../src/ops/readiness.ts';
import type { Env } from '../src/rules/settings.ts';

/** `say` prints a line for the person who started it. */
export type ServeOutput = { say: (line: string) => void };

type Served = { fleet: Fleet; door: AccountDoor; working: Promise<void> };

/**
 * Runs until SIGTERM or SIGINT.
 * @throws WorkstealError `settings`, `unavailable`, `keys`, `account`
 */
export async function runServe({ say }: ServeOutput, env: Env = process.env): Promise<void> {
  const { api } = readFleetSettings(env);
  refuseWideWithoutTokens(api);
  const served: Served[] = [];
  try {
    for (const one of servedAccounts(api.accounts, env)) served.push(await openAccount(one));
    await serve(served, api, say);
  } finally {
    for (const { door, fleet } of served) {
      await door.close();
      await fleet.close();
    }
  }
}

async function serve(
  served: readonly Served[],
  api: ApiSettings,
  say: (line: string) => void,
): Promise<void> {
  const [first] = served;
  if (first === undefined) throw new WorkstealError('bug', 'an API without an account');
  const { log, signal } = first.fleet;
  const tokens = new Tokens();
  const own = api.tokens === undefined ? makeToken() : undefined;
  if (own !== undefined) tokens.set([recordOf(own, { name: 'start', scope: 'admin', accounts: [] }, 0)]);
  else await tokens.follow(api.tokens as string, signal, log);
  const server = await startApi({
    doors: served.map(({ door }) => door),
    tokens,
    log,
    host: api.host,
    port: api.port,
    origins: api.origins,
    checks: () => checksOf(served, tokens),
    metrics: first.fleet.metrics.http,
  });
  log.info({ url: server.url }, `api: served at ${server.url}`);
  say(`API: ${server.url}/${own === undefined ? '' : `#token=${own}`}`);
  try {
    await Promise.all(served.map(({ working }) => working));
  } finally {
    await server.close();
  }
}

/** Opens an account; while its keys are refused, its orders can't be placed. */
async function openAccount(env: Env): Promise<Served> {
  const fleet = await openFleet('serve', env);
  const { settings, rules, log, ledger, broker, step } = fleet;
  const { redisUrl, leaseMs, requestTimeoutMs } = settings;
  const { metrics } = fleet;
  const door = openDoor({ ledger, redisUrl, broker, rules, leaseMs, requestTimeoutMs, log, step, metrics });
  const working = fleet.whileWell(async (signal) => {
    door.trouble = '';
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    door.trouble = (signal.reason as Error).message;
  });
  return { fleet, door, working };
}

function checksOf(served: readonly Served[], tokens: Tokens): ReadinessCheck[] {
  const ofAccounts = served.flatMap(({ fleet, door }) =>
    fleet.readiness.checks().map(({ check, ...rest }) => ({ check: `${door.account}: ${check}`, ...rest })),
  );
  return [{ check: 'tokens', ...tokens.verdict() }, ...ofAccounts];
}

function refuseWideWithoutTokens({ host, tokens }: ApiSettings): void {
  if (isLoopback(host)) return;
  if (tokens !== undefined && readTokenFile(tokens).length > 0) return;
  throw new WorkstealError(
    'settings',
    `WORKSTEAL_API_HOST=${host}: other machines would reach an API without tokens`,
    { WORKSTEAL_API_HOST: host },
    undefined,
    'set WORKSTEAL_API_TOKENS to a file that `worksteal token new` made, or listen on 127.0.0.1',
  );
}
