/*
 * I1  at each acceptance the broker's own count is within the cap (broker.pml)
 * I4  room of an order comes back only when nothing of it can be at the broker any more: it ended there, or was never sent and can't
 *     be sent, or was refused
 * I5  nobody is admitted on room that the thief's victims freed, or that it took when it stole, until it used, refused or lost it
 * I6  no id is accepted twice by a broker that would take it twice; no end frees room twice
 * I7  in the end ledger and broker count the same, for ever
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
#define ASSERT_I4(i) assert(is_over(i) || (at_broker[i] == nothing && (i != T || (post != in_flight && !may_send))))
#else
#define ASSERT_I4(i) skip
#endif
#if defined(CHECK_ALL) || defined(CHECK_I5)
#define ASSERT_I5(i) ASSERT_I5_OWN(i); assert(i == T || !(state[T] == pending || is_granted(T)) || held[V1] + held[V2] + positions + claimed + owed + need(i) <= CAP)
#else
#define ASSERT_I5(i) skip
#endif
/* The running totals are the sums of what is held and of what was bought; only a lost ledger starts from another's word. */
#ifdef WIPE
#define SUMS_AGREE skip
#else
#define SUMS_AGREE ASSERT_I6(orders == held[T] + held[V1] + held[V2] + held[C]); ASSERT_I6(positions == had[T] + had[V1] + had[V2] + HELD_AT_LEDGER); ASSERT_I6(OWN_SUMS_AGREE)
#endif
#if defined(CHECK_ALL) || defined(CHECK_I6)
#define ASSERT_I6(x) assert(x)
#else
#define ASSERT_I6(x) skip
#endif

/* What must be possible, lest the rest holds for want of anything that happens: an assertion that must fail. */
#ifdef CHECK_PLACED
#define WITNESS_PLACED(i) assert(!((i) == T && robbed[V1] && robbed[V2]))
#else
#define WITNESS_PLACED(i) skip
#endif
#ifdef CHECK_MADE_UP
#define WITNESS_MADE_UP assert(!is_covered(T))
#else
#define WITNESS_MADE_UP skip
#endif

#ifdef CHECK_I7
/* The claim that must not come true: again and again they count differently, []<> !agree. */
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
