/** What the routes of a gateway need. */
import type { Broker, PassAnswer, PassRequest } from '../broker/port.ts';
import type { HeldAtBroker } from '../coordinator/held-at-broker.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { AccountDoor } from '../http/account-door.ts';

export type Gateway = {
  readonly door: AccountDoor;
  /** A broker that speaks Alpaca's protocol, too. */
  readonly broker: PassingBroker;
  readonly held: HeldAtBroker;
  readonly settings: GatewaySettings;
  /** How long a request to the broker may take, ms. */
  readonly requestTimeoutMs: number;
  /** Notes a price of the symbol in the ledger, which a steal needs. False: the broker has none. */
  price(symbol: string): Promise<string | undefined>;
};

export type PassingBroker = Broker & {
  pass(request: PassRequest, signal?: AbortSignal): Promise<PassAnswer>;
};

/**
 * `waitMs`: the longest that a POST waits for its room. `collar`: a share, a decimal, by which a market order
 * may be worse than the quote. `lists`, `updates`: whether a bot's lists, and its trade updates, show all
 * orders of the account, or its own.
 */
export type GatewaySettings = {
  waitMs: number;
  collar: string;
  lists: 'all' | 'own';
  updates: 'all' | 'own';
};

/** @throws WorkstealError `settings` for a broker without Alpaca's protocol */
export function passingBroker(broker: Broker): PassingBroker {
  if (broker.pass !== undefined) return broker as PassingBroker;
  throw new WorkstealError('settings', "WORKSTEAL_BROKER: the gateway needs a broker of Alpaca's protocol");
}
