/** The package's public face: what `import { … } from 'worksteal'` gives, and nothing else (docs/bots.md). */
export type { BrokerLog, BrokerParts, OpenBroker } from '../broker/adapter.ts';
export type { Limiter, Priority } from '../broker/budget.ts';
export type {
  AssetAnswer,
  Broker,
  BrokerAccount,
  BrokerOrder,
  BrokerPosition,
  BrokerQuote,
  CancelAnswer,
  Oddity,
  OrderAnswer,
  OrderRequest,
  RefusalKind,
  SubmitAnswer,
  TradeUpdate,
} from '../broker/port.ts';
export { type ErrorCode, WorkstealError } from '../domain/errors.ts';
export type { Micros } from '../domain/money.ts';
export type { FinalState, Mode, OrderState, Side } from '../domain/order.ts';
export type { Refusal } from '../domain/outcome.ts';
export type { BrokerDay } from '../rules/broker-calendar.ts';
export type { PriceSteps } from '../rules/legal-price.ts';
export type { Settings } from '../rules/setting-values.ts';
export type { Asset } from '../rules/takeable.ts';
export type { Account, TradingAccount } from './account.ts';
export { type AlpacaOptions, alpaca } from './alpaca.ts';
export { connect } from './connect.ts';
export type { ConnectOptions, LogEntry } from './options.ts';
export type { Cancelled, Entered, Order, Placed, Refused } from './order.ts';
export type { ForecastRequest, PlanRequest } from './plan.ts';
export type { AccountEvent, Decision, Status, Victim } from './readings.ts';
