/*
 * I1  at each acceptance the broker's own count is within the cap (broker.pml) I4  an order's room is freed
 * only when the order can't be at the broker: it ended there, was refused, or was
 *     never sent and can't be sent
 * I5  nobody else is admitted on room that the thief's victims freed, or that it took at the steal, until it
 * used,
 *     refused or lost that room
 * I6  a broker that would accept an id twice never gets it twice; no end frees room twice
 * I7  from some point on ledger and broker count the same for ever
 * I9  every victim ends at the broker and in the ledger
 */
#if defined(CHECK_ALL) || defined(CHECK_I1)
#define ASSERT_I1(x) assert(x)
#else
#define ASSERT_I1(x) skip
#endif
#ifdef SEND_AFTER_LEASE
#define may_send to_send
#else
#define may_send (to_send && !lease_over)
#endif
#if defined(CHECK_ALL) || defined(CHECK_I4)
#define ASSERT_I4(i) assert(is_over(i) || \
  (at_broker[i] == nothing && (i != T || (post != in_flight && !may_send))))
#else
#define ASSERT_I4(i) skip
#endif
#if defined(CHECK_ALL) || defined(CHECK_I5)
#define ASSERT_I5(i) ASSERT_I5_OWN(i); assert(i == T || !(state[T] == pending || is_granted(T)) || \
  held[V1] + held[V2] + positions + claimed + owed + need(i) <= CAP)
#else
#define ASSERT_I5(i) skip
#endif
/* The running totals equal the sums of their parts. After a loss the totals come from the broker instead. */
#ifdef WIPE
#define SUMS_AGREE skip
#else
#define SUMS_AGREE ASSERT_I6(orders == held[T] + held[V1] + held[V2] + held[C] + HELD_BY_K); \
  ASSERT_I6(positions == had[T] + had[V1] + had[V2] + HELD_AT_LEDGER); ASSERT_I6(OWN_SUMS_AGREE)
#endif
/* The same of what a victim keeps: the competitor may have room already. */
#if defined(CHECK_ALL) || defined(CHECK_I5)
#define ASSERT_I5_KEPT assert(held[V1] + held[V2] + held[C] + positions + claimed + owed + need(K) <= CAP)
#else
#define ASSERT_I5_KEPT skip
#endif
#if defined(CHECK_ALL) || defined(CHECK_I6)
#define ASSERT_I6(x) assert(x)
#else
#define ASSERT_I6(x) skip
#endif

/*
 * Situations that must be reachable: these assertions must fail. Otherwise the model might do nothing at all.
 */
#ifdef CHECK_PLACED
#define WITNESS_PLACED(i) assert(!((i) == T && robbed[V1] && robbed[V2]))
#else
#define WITNESS_PLACED(i) skip
#endif
#ifdef CHECK_KEPT_PLACED
#define WITNESS_KEPT assert(state[T] != reserved && state[T] != working)
#else
#define WITNESS_KEPT skip
#endif
#ifdef CHECK_MADE_UP
#define WITNESS_MADE_UP assert(!is_covered(T))
#else
#define WITNESS_MADE_UP skip
#endif

#ifdef CHECK_I7
/* The claim that must not hold: they count differently again and again, []<> !agree. */
never {
again:
  do :: orders + positions != EXPOSURE -> break :: true od;
accept_differ:
  if :: true -> goto again fi
}
#endif
#ifdef CHECK_I9
#define has_gone(i) (is_over(i) && is_final(i))
ltl i9 { [] ((robbed[V1] -> <> (has_gone(V1))) && (robbed[V2] -> <> (has_gone(V2)))) }
#endif
