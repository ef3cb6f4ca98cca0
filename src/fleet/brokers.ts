/**
 * The brokers that a fleet can use; WORKSTEAL_BROKER names one. To add a broker, add a folder beside
 * src/broker/alpaca, a line here, and its variables in broker-variables.ts.
 */
import type { BrokerAdapter } from '../broker/adapter.ts';
import { alpaca } from '../broker/alpaca/adapter.ts';
import type { BrokerName } from './broker-variables.ts';

export const BROKERS: Readonly<Record<BrokerName, BrokerAdapter>> = { alpaca };
