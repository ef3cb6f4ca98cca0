/**
 * What a broker's folder offers beside its `Broker`: its settings, and how it is opened. src/fleet/brokers.ts
 * lists the adapters, and nothing else outside a broker's folder knows of them.
 */
import type { Limiter } from './budget.ts';
import type { Broker } from './port.ts';

/** Where an adapter says what happens: facts and a sentence, or a sentence alone. */
export type BrokerLog = Readonly<
  Record<'debug' | 'info' | 'warn', { (facts: object, sentence: string): void; (sentence: string): void }>
>;

/** What every adapter gets, whatever broker it speaks to. */
export type BrokerParts = {
  /** The account's budget of requests: the adapter takes one before each request. */
  limiter: Limiter;
  /** The budget for market data; an adapter whose broker has one budget for all uses `limiter` instead. */
  dataLimiter: Limiter;
  requestTimeoutMs: number;
  /** Bid and ask that are further apart than this share of their middle have no price. */
  maxSpread: number;
  log: BrokerLog;
  /** To be called with each answer that says that the keys are not accepted. */
  onKeysRefused: (message: string) => void;
};

/** Makes the broker of an account. It is called once, and must not send anything yet. */
export type OpenBroker = (parts: BrokerParts) => Broker;

export type BrokerSettings = {
  /** False: a market whose time a harness may speed up (WORKSTEAL_LEDGER_SPEED). */
  keepsRealTime: boolean;
  /** Whether orders use real money there; `private`: an exchange of one's own. */
  market: 'live' | 'paper' | 'private';
  /** Where the broker is, for messages. */
  address: string;
  /** @throws WorkstealError `settings` */
  open: OpenBroker;
};

export type BrokerAdapter = {
  /** The environment variables that are its own, as docs/settings.md lists them, with their defaults. */
  variables: Readonly<Record<string, string>>;
  /**
   * Reads its own variables.
   * @param env without empty values
   * @param needsKeys the process talks to the broker: missing keys are a fault
   * @returns all faults, each `NAME: what is wrong`, where it can't use them
   */
  read(
    env: Readonly<Record<string, string | undefined>>,
    needsKeys: boolean,
  ): { settings: BrokerSettings } | { faults: string[] };
};
