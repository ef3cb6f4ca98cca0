/**
 * The kinds of fault of a campaign: what each affects, and how long it lasts. `strikes/` implements them.
 *
 * `outage`: during the fault, and for a while afterwards, nothing can be admitted. Such faults come one at a
 * time, with time to recover in between; otherwise a campaign would be one long outage. `loses`: the ledger
 * is replaced or loses its last writes (I8), and must be rebuilt from the broker.
 */

export type Group =
  | 'process'
  | 'redis'
  | 'network'
  | 'broker'
  | 'queue'
  | 'mutex'
  | 'ledger'
  | 'plans'
  | 'fleet'
  | DoorGroup;
/** The HTTP API's servers, and the gateways. */
export type DoorGroup = 'api' | 'gateway';
export type Kind = {
  name: string;
  group: Group;
  /** How long it lasts, ms: from, to. */
  lastsMs: readonly [number, number];
  outage?: boolean;
  loses?: boolean;
};

/** Longer than a lease (1.5 s), a mutex and a job's lock (2 s). */
const LONG: Kind['lastsMs'] = [2_200, 4_000];
const SHORT: Kind['lastsMs'] = [200, 1_200];
/** It is done at once; what follows from it is the system's own affair. */
const ONCE: Kind['lastsMs'] = [0, 0];

/**
 * In the place of the server's own faults, where there are replicas: a new master is another server, with or
 * without the last writes.
 */
export const FAILOVERS: readonly Kind[] = [
  { name: 'redis_failover', group: 'redis', lastsMs: ONCE, outage: true, loses: true },
  { name: 'redis_failover_lagging', group: 'redis', lastsMs: ONCE, outage: true, loses: true },
];

export const KINDS: readonly Kind[] = [
  { name: 'kill', group: 'process', lastsMs: ONCE },
  { name: 'stop', group: 'process', lastsMs: LONG },
  { name: 'die_after_step', group: 'process', lastsMs: ONCE },
  { name: 'hang_after_step', group: 'process', lastsMs: LONG },

  { name: 'redis_restart', group: 'redis', lastsMs: ONCE, outage: true },
  { name: 'redis_restart_losing', group: 'redis', lastsMs: ONCE, outage: true, loses: true },
  { name: 'redis_flushall', group: 'redis', lastsMs: ONCE, outage: true, loses: true },
  { name: 'redis_full', group: 'redis', lastsMs: SHORT, outage: true },
  { name: 'redis_disk_full', group: 'redis', lastsMs: SHORT, outage: true },
  { name: 'redis_loading', group: 'redis', lastsMs: SHORT, outage: true },
  { name: 'redis_read_only', group: 'redis', lastsMs: SHORT, outage: true },
  { name: 'redis_busy', group: 'redis', lastsMs: SHORT, outage: true },
  { name: 'redis_slow', group: 'redis', lastsMs: SHORT },
  { name: 'redis_stop', group: 'redis', lastsMs: [1_000, 6_500], outage: true },
  { name: 'redis_script_flush', group: 'redis', lastsMs: ONCE },
  // The book is rebuilt in both cases: when the clock goes back, and when it is corrected.
  { name: 'redis_clock_back', group: 'redis', lastsMs: LONG, outage: true, loses: true },
  { name: 'redis_clock_forward', group: 'redis', lastsMs: LONG, outage: true, loses: true },

  { name: 'cut', group: 'network', lastsMs: LONG },
  { name: 'stall', group: 'network', lastsMs: LONG },
  { name: 'delay', group: 'network', lastsMs: LONG },
  { name: 'reset_in_reply', group: 'network', lastsMs: SHORT },
  { name: 'cut_at_step', group: 'network', lastsMs: LONG },
  { name: 'lost_answers', group: 'network', lastsMs: SHORT },

  { name: 'lose_replies', group: 'broker', lastsMs: SHORT },
  { name: 'gateway_errors', group: 'broker', lastsMs: SHORT },
  { name: 'too_many_requests', group: 'broker', lastsMs: SHORT },
  { name: 'server_errors', group: 'broker', lastsMs: SHORT },
  { name: 'buying_power', group: 'broker', lastsMs: SHORT },
  { name: 'account_refused', group: 'broker', lastsMs: SHORT, outage: true },
  { name: 'account_blocked', group: 'broker', lastsMs: LONG, outage: true },
  { name: 'lagging_positions', group: 'broker', lastsMs: LONG },
  { name: 'stuck_cancels', group: 'broker', lastsMs: LONG },
  { name: 'given_up_cancels', group: 'broker', lastsMs: SHORT },
  { name: 'fill_on_cancel', group: 'broker', lastsMs: SHORT },
  { name: 'partial_fills', group: 'broker', lastsMs: SHORT },
  { name: 'slow_answers', group: 'broker', lastsMs: SHORT },
  { name: 'missing_updates', group: 'broker', lastsMs: SHORT },
  { name: 'doubled_updates', group: 'broker', lastsMs: SHORT },
  { name: 'reordered_updates', group: 'broker', lastsMs: SHORT },
  { name: 'disconnected_streams', group: 'broker', lastsMs: ONCE },
  { name: 'order_by_hand', group: 'broker', lastsMs: SHORT },
  { name: 'cancel_by_hand', group: 'broker', lastsMs: ONCE },
  { name: 'change_by_hand', group: 'broker', lastsMs: ONCE },
  { name: 'strange_order', group: 'broker', lastsMs: SHORT, outage: true },
  { name: 'equity_drop', group: 'broker', lastsMs: LONG },
  { name: 'halted_symbol', group: 'broker', lastsMs: LONG },
  { name: 'no_quotes', group: 'broker', lastsMs: LONG },

  { name: 'paused_queue', group: 'queue', lastsMs: LONG },
  { name: 'lost_jobs', group: 'queue', lastsMs: ONCE },
  { name: 'full_queue', group: 'queue', lastsMs: ONCE },
  { name: 'failed_job_kept', group: 'queue', lastsMs: ONCE },

  { name: 'mutex_lost', group: 'mutex', lastsMs: SHORT },
  { name: 'mutex_held', group: 'mutex', lastsMs: SHORT },

  { name: 'lost_order', group: 'ledger', lastsMs: ONCE, outage: true },
  { name: 'lost_key', group: 'ledger', lastsMs: ONCE, outage: true },

  { name: 'opposite_plans', group: 'plans', lastsMs: LONG },

  { name: 'second_fleet', group: 'fleet', lastsMs: LONG, outage: true },
];

/** What can be done to one kind of door alone; the same is done to any role in a campaign of all kinds. */
export const DOOR_STRIKES = [
  { name: 'kill', lastsMs: ONCE },
  { name: 'stop', lastsMs: LONG },
  { name: 'die_after_step', lastsMs: ONCE },
  { name: 'hang_after_step', lastsMs: LONG },
  { name: 'cut_at_step', lastsMs: LONG },
  { name: 'cut', lastsMs: LONG },
  { name: 'stall', lastsMs: LONG },
  { name: 'delay', lastsMs: LONG },
  { name: 'reset_in_reply', lastsMs: SHORT },
  { name: 'lost_answers', lastsMs: SHORT },
] as const;

/** For campaigns about a door: dealt only where they are asked for. */
export const DOOR_KINDS: readonly Kind[] = (['api', 'gateway'] as const).flatMap((group) =>
  DOOR_STRIKES.map(({ name, lastsMs }) => ({ name: `${group}_${name}`, group, lastsMs })),
);
