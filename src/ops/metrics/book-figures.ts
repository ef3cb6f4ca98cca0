/** What is counted of a whole book. Micros: integer micro-USD. */
export type BookFigures = {
  pools: readonly { pool: string; capMicros: number; positionsMicros: number; roomMicros: number }[];
  /** What live orders hold, in `total` and in their own pool. */
  held: readonly { pool: string; state: string; micros: number }[];
  admits: string;
  /** Of the server's clock; 0: never. */
  syncedAtMs: number;
  /** Live orders by state. */
  orders: Readonly<Record<string, number>>;
  /** Live orders that may not be taken, by what protects them. */
  protected: Readonly<Record<string, number>>;
  takeable: number;
  /** Unfinished plans by stage. */
  plans: Readonly<Record<string, number>>;
  unclear: number;
  /** `oldestMs`: since the first refusal, ledger time. */
  waiting: readonly { reason: string; wishes: number; oldestMs: number }[];
  /** Plans in the queue for room; since the account began, how often it was a plan's turn, and not taken. */
  queue: { plans: number; named: number; passedOver: number };
  fights: number;
  outbox: number;
  /** 0 when it is empty. */
  outboxOldestMs: number;
  /** What steals took within the window of their budget, and what they may take; null: no budget. */
  stealBudget: { takenMicros: number; mostMicros: number } | null;
  budgets: readonly { budget: string; remaining: number }[];
  quoteAgesMs: readonly number[];
  staleSymbols: number;
  driftMicros: number;
  brokerMicros: number;
  hosts: Readonly<Record<string, number>>;
  hostsDiffering: number;
};
