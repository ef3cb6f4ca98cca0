/**
 * The names of the brokers in brokers.ts, each with its own variables and their defaults: what is known of a
 * broker before its adapter is loaded.
 */
import { ALPACA_VARIABLES } from '../broker/alpaca/variables.ts';

export const BROKER_VARIABLES = { alpaca: ALPACA_VARIABLES } as const satisfies Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

export type BrokerName = keyof typeof BROKER_VARIABLES;
export const BROKER_NAMES = Object.keys(BROKER_VARIABLES) as [BrokerName, ...BrokerName[]];
