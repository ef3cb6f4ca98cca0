/** Opens the configured broker with its request budgets. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { SharedLimiter, unlimited } from '../broker/limiter.ts';
import type { Broker } from '../broker/port.ts';
import type { FleetSettings } from './fleet-settings.ts';

/** Trading and market data have separate budgets. */
export function openBroker(
  settings: FleetSettings,
  redis: Redis,
  log: Logger,
  onKeysRefused: () => void,
): Broker {
  const { account, requestsPerMinute, dataRequestsPerMinute, requestTimeoutMs, maxSpread } = settings;
  const limiter = new SharedLimiter({ redis, account, requestsPerMinute });
  const dataLimiter =
    dataRequestsPerMinute === 0
      ? unlimited
      : new SharedLimiter({ redis, account, requestsPerMinute: dataRequestsPerMinute, name: 'data' });
  return settings.broker.open({ limiter, dataLimiter, requestTimeoutMs, maxSpread, log, onKeysRefused });
}
