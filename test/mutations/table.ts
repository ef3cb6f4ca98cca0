/** Every mutation, by kind. */
import { BROKER_LINES } from './kinds/broker.ts';
import { CASH_LINES } from './kinds/cash.ts';
import { EXIT_LINES } from './kinds/exits.ts';
import { FURTHER_RULES } from './kinds/further-rules.ts';
import { KEEPER_LINES } from './kinds/keeper.ts';
import { LEDGER_LINES } from './kinds/ledger.ts';
import { PEOPLE_LINES } from './kinds/people.ts';
import { PLACING_LINES } from './kinds/placing.ts';
import { POOLS } from './kinds/pools.ts';
import { PRICE_LINES } from './kinds/prices.ts';
import { STANDING_LINES } from './kinds/standing.ts';
import { THIEF_LINES } from './kinds/thieves.ts';
import { TRUST_LINES } from './kinds/trust.ts';
import { TURNS_AND_REGRET } from './kinds/turns-and-regret.ts';
import type { Mutation } from './mutation.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...POOLS,
  ...CASH_LINES,
  ...TRUST_LINES,
  ...EXIT_LINES,
  ...PRICE_LINES,
  ...THIEF_LINES,
  ...FURTHER_RULES,
  ...LEDGER_LINES,
  ...PEOPLE_LINES,
  ...BROKER_LINES,
  ...KEEPER_LINES,
  ...PLACING_LINES,
  ...STANDING_LINES,
  ...TURNS_AND_REGRET,
];
