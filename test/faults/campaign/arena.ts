/** What a fault can target: an account's fleet and broker, chosen at random if there are several accounts. */
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { PaperBroker } from './paper-broker.ts';
import type { CampaignPlanner } from './planner.ts';
import type { Rivals } from './rivals.ts';
import type { Role } from './roles.ts';

export type Arena = {
  /** Where its Redis is, past all proxies. */
  redisUrl: string;
  roles: readonly Role[];
  broker: PaperBroker;
  ledger: Ledger;
  planner: CampaignPlanner;
  /** Fleets that trade on the same account of the broker's. */
  rivals: Rivals;
  say: (line: string) => void;
};
