/*
 * The thief's coordinator (src/coordinator: coordinator.ts, grants.ts, place.ts). It may crash between any
 * two steps; then it has lost its memory and asks again under the same id, or never comes back. Each read of
 * the ledger or the broker is a separate step, so later steps may use outdated facts.
 */

#define CRASH :: atomic { MAY_FAIL -> COUNT_FAULT; stops_waiting(); to_send = 0; goto asleep }

inline stops_waiting() { awaited = 0; if :: post != in_flight -> post = no_post :: else fi }

proctype Thief() {
  /*
   * enter: admit, and steal if it does not fit. A refused attempt is repeated later, so the guards just wait.
   */
end:
asleep:
  if
  :: d_step { synced && state[T] == none && fits(T) -> reserve(T) } -> goto holds
  :: d_step { can_steal -> commit_steal() } -> goto stole
  :: state[T] == pending -> goto waits
  :: is_granted(T) -> goto holds
  :: state[T] != none && state[T] != pending && !is_granted(T) -> goto over
  :: goto over                                                  /* it never comes back */
  fi;

stole:  /* enqueues the cancellations; if that fails, recovery does it */
  if
  :: d_step { true -> enqueue() } -> goto waits
  :: d_step { MAY_FAIL -> COUNT_FAULT } -> goto waits
  CRASH
  fi;

waits:  /* until an event arrives, or by polling */
  if
  :: is_granted(T) -> goto holds
  :: d_step { state[T] == pending -> give_back(T) } -> goto over        /* not granted in time */
  :: state[T] != pending && !is_granted(T) -> goto over
  CRASH
  fi;

holds:  /* checks the price a last time; then marks the order as sent */
  if
  :: d_step { is_granted(T) -> give_back(T) } -> goto over
  :: d_step { is_granted(T) && synced -> mark(T); to_send = 1 } -> goto sends
  :: d_step { is_granted(T) && synced && MAY_FAIL -> COUNT_FAULT; mark(T) } -> goto over    /* no answer */
  :: !is_granted(T) -> goto over
  CRASH
  fi;

sends:  /* the fence: only within the lease, by its own monotonic clock */
  if
#ifdef SEND_AFTER_LEASE
  :: d_step { to_send -> post = in_flight; to_send = 0; awaited = 1 } -> goto posted
#else
  :: d_step { !lease_over -> post = in_flight; to_send = 0; awaited = 1 } -> goto posted
#endif
  :: d_step { lease_over -> to_send = 0 }
  CRASH
  fi;
  if
  :: d_step { true -> settle(T, ended) } -> goto over           /* too late: releases the room */
  CRASH
  fi;

posted:
  if
  :: d_step { post == accepted && !is_over(T) -> stops_waiting() } -> goto saw_it_live
  :: d_step { post == accepted && is_over(T) -> stops_waiting() } -> goto saw_its_end
  :: d_step { post == refused -> stops_waiting(); settle(T, ended) } -> goto over
  :: d_step { post == lost -> stops_waiting() } -> goto unclear
  :: d_step { post != lost && MAY_FAIL -> COUNT_FAULT; stops_waiting() } -> goto unclear    /* no answer */
  CRASH
  fi;

unclear:
  if
  :: is_listed(T) -> goto saw_it_live
  :: is_over(T) -> goto saw_its_end
  :: goto over                                                  /* it stays reserved; the keeper asks */
#ifdef RESEND_UNCLEAR
  :: d_step { post != in_flight && !lease_over -> post = in_flight; awaited = 1 } -> goto posted
#endif
  CRASH
  fi;

saw_it_live:
  if
  :: d_step {
       true ->
       if
       :: is_final(T) -> if :: is_live(T) -> cancel_asked[T] = 1 :: else fi  /* ended in the ledger */
       :: else -> open(T)
       fi
     } -> goto over
  CRASH
  fi;

saw_its_end:
  if
  :: d_step { true -> open(T); settle_as_broker(T) }
  CRASH
  fi;
over:
}
