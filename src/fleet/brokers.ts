/**
 * The brokers that a fleet can use; WORKSTEAL_BROKER names one. To add a broker, add a folder beside
 * src/broker/alpaca and a line here.
 */
import type { BrokerAdapter } from '../broker/adapter.ts';
import { alpaca } from '../broker/alpaca/adapter.ts';

export const BROKERS = { alpaca } as const satisfies Readonly<Record<string, BrokerAdapter>>;

export type BrokerName = keyof typeof BROKERS;
export const BROKER_NAMES = Object.keys(BROKERS) as [BrokerName, ...BrokerName[]];
