/** All measures, in the order in which they run. */
import type { Measure } from './measure-type.ts';
import { accounts } from './measures/accounts.ts';
import { admitRate } from './measures/admit-rate.ts';
import { admitSerial } from './measures/admit-serial.ts';
import { admitServer } from './measures/admit-server.ts';
import { api } from './measures/api.ts';
import { commandStart } from './measures/command-start.ts';
import { contended } from './measures/contended.ts';
import { cost } from './measures/cost.ts';
import { decide } from './measures/decide.ts';
import { fleet } from './measures/fleet.ts';
import { floor } from './measures/floor.ts';
import { gateway } from './measures/gateway.ts';
import { grant } from './measures/grant.ts';
import { grantBusy } from './measures/grant-busy.ts';
import { growth } from './measures/growth.ts';
import { growthRules } from './measures/growth-rules.ts';
import { inspection } from './measures/inspection.ts';
import { memory } from './measures/memory.ts';
import { mutex } from './measures/mutex.ts';
import { mutexBuys } from './measures/mutex-buys.ts';
import { peers } from './measures/peers.ts';
import { plainBot } from './measures/plain-bot.ts';
import { postgres } from './measures/postgres.ts';
import { service } from './measures/service.ts';
import { start } from './measures/start.ts';
import { stealTime } from './measures/steal.ts';
import { tickTime } from './measures/tick.ts';
import { viewers } from './measures/viewers.ts';
import { watcherMemory } from './measures/watcher-memory.ts';

export const MEASURES: readonly Measure[] = [
  // First those whose processes the system distributes.
  api,
  viewers,
  gateway,
  postgres,
  start,
  watcherMemory,
  cost,
  admitSerial,
  admitServer,
  admitRate,
  accounts,
  stealTime,
  tickTime,
  floor,
  service,
  fleet,
  growth,
  growthRules,
  inspection,
  grant,
  grantBusy,
  contended,
  mutex,
  mutexBuys,
  peers,
  memory,
  plainBot,
  decide,
  commandStart,
];
