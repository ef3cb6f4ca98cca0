/**
 * What `npm test` leaves to `npm run test:all`, so that it ends within four minutes on two idle cores: the
 * files that take longest, and most of the random cases. One or more quick tests cover each part that a
 * slow file covers in depth.
 */

/** Files, as globs. */
export const SLOW: readonly string[] = [
  // Processes that are killed, hung or cut off in every step; networks and servers that fail.
  'test/e2e/{kill,hang,ending,cash,settings,up,first-hour,decide,barred,acl,opposite}.test.ts',
  'test/e2e/{library,monitoring}.test.ts',
  'test/e2e/{secrets,secrets-fleet,tls,tls-topologies}.test.ts',
  'test/faults/{failover,network,redis,redis-losses,clocks,moved-clock,odd-keys,broker-fills,mutex}.test.ts',
  'test/faults/{broker,causes,outage,input-broker,input-commands,input-forecasts,input-lua,queue}.test.ts',
  // Random sequences and schedules, which have to be many to reach every case.
  'test/model/{churn,cycles,sequence,sequence-regret,simulation}.test.ts',
  // Markets replayed minute by minute.
  'test/unit/evidence/controls.test.ts',
  // Every command of the pages.
  'test/e2e/printed-commands.test.ts',
  // Real processes, several servers, or long waits by contract.
  'test/contract/{ci-audit,cancels-process,key-safety,metrics-process,readiness-process}.test.ts',
  'test/contract/{role-keys,alpaca-secrets,journal}.test.ts',
  'test/contract/keeper-{changed,election,fleets,foreign,identity,losses,random}.test.ts',
  'test/contract/{plan-command,plan-command-watch,planner}.test.ts',
  'test/contract/watcher-{by-hand,hosts,partial,recall,refusals,tiers}.test.ts',
  'test/contract/ledger/{history-week,pool-room,server-id}.test.ts',
  'test/contract/redis/{connect-cluster,connect-sentinel,embedded}.test.ts',
];

/** Fewer random cases of the same tests. */
export const FEWER: Readonly<Record<string, string>> = {
  WORKSTEAL_DECISIONS: '1000',
  WORKSTEAL_CALLS: '500',
};
