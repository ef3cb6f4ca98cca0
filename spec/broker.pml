/*
 * The broker, the wire to it, and time.
 *
 * A submission is at most one message per order. Cancellations are a set: a channel that loses (one may be
 * dropped), duplicates (one may stay after it was read) and reorders them. Answers are read from the broker's
 * state in one step and used in a later one, when they may be outdated.
 */

/* An accepted order counts at once. This broker does not check ids: the protocol must not send one twice. */
inline accept(i) {
#ifdef WIPE
  if :: at_broker[i] == nothing ->   /* a lost ledger has lost the ids: the broker refuses a second order */
#endif
  ASSERT_I6(at_broker[i] == nothing);
  WITNESS_PLACED(i);
  ASSERT_I1(EXPOSURE + need(i) <= CAP);
  ASSERT_I1(!in_pool(i) || EXPOSURE_OWN + need(i) <= CAP_OWN);
  at_broker[i] = hidden_live
#ifdef WIPE
  :: else fi
#endif
}

inline answer(how) { if :: awaited -> post = how :: else -> post = no_post fi }

inline end_deal(i, how) { at_broker[i] = how; cancel_asked[i] = 0 }

#define DEALS(i) \
  :: d_step { at_broker[i] == pending_cancel -> end_deal(i, bought) } \
  :: d_step { at_broker[i] == pending_cancel -> end_deal(i, cancelled) } \
  :: d_step { at_broker[i] == pending_cancel && MAY_FAIL -> COUNT_FAULT; at_broker[i] = live } \
  :: d_step { cancel_asked[i] && at_broker[i] == live -> \
              at_broker[i] = pending_cancel; cancel_asked[i] = 0 } \
  :: d_step { cancel_asked[i] && at_broker[i] == live && MAY_FAIL -> \
              COUNT_FAULT; at_broker[i] = pending_cancel } \
  :: d_step { cancel_asked[i] && MAY_FAIL -> COUNT_FAULT; cancel_asked[i] = 0 }

proctype Broker() {
end:
  do
  :: d_step { post == in_flight -> answer(accepted); accept(T) }
  :: d_step { post == in_flight -> answer(refused) }
  :: d_step { post == in_flight && MAY_FAIL -> COUNT_FAULT; answer(lost) }
  :: d_step { at_broker[T] == hidden_live -> at_broker[T] = live }
  DEALS(T)
  DEALS(V1)
  DEALS(V2)
  od
}

/*
 * A working order may be filled at any time, or never. One of several units may be filled in part, until its
 * cancellation is carried out.
 */
#define MAY_PART(i) (is_listed(i) && part[i] == 0)
proctype Market() {
end:
  do
  :: d_step { at_broker[T] == live -> end_deal(T, bought) }
  :: d_step { at_broker[V1] == live -> end_deal(V1, bought) }
  :: d_step { at_broker[V2] == live -> end_deal(V2, bought) }
#ifdef PARTIAL
  :: d_step { MAY_PART(T) -> part[T] = 1 }
  :: d_step { MAY_PART(V1) -> part[V1] = 1 }
#endif
#ifdef FAULTS
  :: break
#endif
  od
}

/*
 * Leases. The lease of an order that was never sent may end at any time, even while its owner lives: a
 * renewal may be late. The lease of a mark ends when its sender can no longer send (its own clock forbids it:
 * thief.pml) and no request is under way (a request takes at most its timeout): `leaseMs + requestTimeoutMs`
 * in src/coordinator/place.ts.
 */
#define is_marked (to_send || (state[T] == reserved && sent[T]))
#ifdef LEASE_WITHOUT_FLIGHT
#define mark_may_end (is_marked && !lease_over)
#else
#define mark_may_end (is_marked && !lease_over && post != in_flight)
#endif

inline end_mark() {
  lease_over = 1; touch(T);
#ifdef NO_MARK
  if :: state[T] == reserved -> ASSERT_I4(T); end_order(T, ended) :: else fi
#endif
}

proctype Clock() {
end:
  do
  :: d_step { is_unsent(T) -> give_back(T) }
  :: d_step { is_unsent(C) -> give_back(C) }
#ifdef KEPT
  :: d_step { is_unsent(K) -> give_back(K) }
#endif
  :: d_step { mark_may_end -> end_mark() }
#ifdef WIPE
  :: d_step { !wiped -> wipe() }
#endif
  od
}
