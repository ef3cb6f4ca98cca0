/** `worksteal gateway`: bots trade one account through it, with Alpaca's protocol. */
import { HeldAtBroker } from '../src/coordinator/held-at-broker.ts';
import { WorkstealError } from '../src/domain/errors.ts';
import { openFleet } from '../src/fleet/fleet.ts';
import { readFleetSettings } from '../src/fleet/fleet-settings.ts';
import { Bots } from '../src/gateway/bots.ts';
import { passingBroker } from '../src/gateway/gateway.ts';
import { Prices } from '../src/gateway/prices.ts';
import { startGateway } from '../src/gateway/server.ts';
import { openDoor } from '../src/http/account-door.ts';
import type { Env } from '../src/rules/settings.ts';

/** `say` prints a line for the person who started it. */
export type GatewayOutput = { say: (line: string) => void };

/** Prices of live orders are followed at this many times the pause that watchers make. */
const QUOTES_FACTOR = 2;

/**
 * Runs until SIGTERM or SIGINT.
 * @throws WorkstealError `settings`, `unavailable`, `keys`, `account`
 */
export async function runGateway({ say }: GatewayOutput, env: Env = process.env): Promise<void> {
  const tokens = readFleetSettings(env).api.tokens;
  if (tokens === undefined)
    throw new WorkstealError(
      'settings',
      'WORKSTEAL_API_TOKENS: is missing; it names the file with the keys of the bots',
      {},
      undefined,
      'make the file with `worksteal token new BOT --gateway --file FILE`',
    );
  const fleet = await openFleet('gateway', env);
  const { settings, rules, log, ledger, broker: anyBroker, step, signal } = fleet;
  const { redisUrl, leaseMs, requestTimeoutMs, quotesMs, gateway: own } = settings;
  const broker = passingBroker(anyBroker);
  const { metrics } = fleet;
  const door = openDoor({ ledger, redisUrl, broker, rules, leaseMs, requestTimeoutMs, log, step, metrics });
  try {
    const bots = new Bots(ledger.account);
    await bots.follow(tokens, signal, log);
    fleet.readiness.add('bots', () => bots.verdict());
    const prices = new Prices({ ledger, broker, log, intervalMs: QUOTES_FACTOR * quotesMs });
    const server = await startGateway({
      gateway: {
        ...{ door, broker, requestTimeoutMs, settings: own },
        held: new HeldAtBroker(ledger, broker),
        price: (symbol) => prices.of(symbol),
      },
      ...{
        bots,
        log,
        host: own.host,
        port: own.port,
        requestsPerMinute: own.requestsPerMinute,
        streams: own.streams,
        metrics: metrics.http,
      },
    });
    log.info({ url: server.url }, `gateway: served at ${server.url}`);
    say(`Gateway: ${server.url}`);
    try {
      await fleet.whileWell(async (working) => {
        door.trouble = '';
        await prices.run(working);
        door.trouble = (working.reason as Error).message;
      });
    } finally {
      await server.close();
    }
  } finally {
    await door.close();
    await fleet.close();
  }
}
