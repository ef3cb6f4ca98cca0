/** Every object that a command prints with --json, by the command's name; docs/json.md lists them. */
import type { z } from 'zod';
import { ACCEPT } from './accept.ts';
import { AUDIT } from './audit.ts';
import { CHECK } from './check.ts';
import { CLOCK } from './clock.ts';
import { CONFIG } from './config.ts';
import { DECIDE } from './decide.ts';
import { DOCTOR } from './doctor.ts';
import { errorSchema } from './error.ts';
import { EVALUATE, SELF_TEST } from './evaluate.ts';
import { FIGHTS } from './fights.ts';
import { HALT, RESUME } from './halt.ts';
import { ORDERS } from './orders.ts';
import { PLAN } from './plan.ts';
import { PLANS } from './plans.ts';
import { RECORD } from './record.ts';
import { REGRET } from './regret.ts';
import { REOPEN } from './reopen.ts';
import { REPLAY } from './replay.ts';
import { REPORT } from './report.ts';
import { STATUS } from './status.ts';
import { STEALS } from './steals.ts';
import { STOPPED } from './stopped.ts';
import { TAIL } from './tail.ts';
import { TUNE } from './tune.ts';
import { UP } from './up.ts';
import { WAITING } from './waiting.ts';
import { WHY } from './why.ts';

export const DOCUMENTS: Readonly<Record<string, z.ZodType>> = {
  error: errorSchema(),
  status: STATUS,
  plans: PLANS,
  orders: ORDERS,
  steals: STEALS,
  'steals --regret': REGRET,
  fights: FIGHTS,
  waiting: WAITING,
  why: WHY,
  report: REPORT,
  evaluate: EVALUATE,
  'evaluate --self-test': SELF_TEST,
  tune: TUNE,
  tail: TAIL,
  audit: AUDIT,
  check: CHECK,
  doctor: DOCTOR,
  halt: HALT,
  resume: RESUME,
  cancel: STOPPED,
  withdraw: STOPPED,
  close: STOPPED,
  reopen: REOPEN,
  accept: ACCEPT,
  decide: DECIDE,
  record: RECORD,
  replay: REPLAY,
  clock: CLOCK,
  config: CONFIG,
  plan: PLAN,
  up: UP,
};
