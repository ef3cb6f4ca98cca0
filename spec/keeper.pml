/*
 * The keeper (src/keeper): trade updates, and reconciliation. A real round compares all orders, but its work
 * for one order does not depend on another. So here a round compares one order, chosen at random. Both sides
 * know a victim from the start, and its end never changes, so its comparison is one step. For the thief's
 * order each read is a separate step.
 */

mtype:finding = { agrees, unknown, not_sent, news, missing }

#define KEEPER_CRASH :: atomic { MAY_FAIL -> COUNT_FAULT; absent = 0; goto idle }

/* diff.ts: classifies the order by what was read from the ledger, and then from the broker's list. */
inline read_ledger() {
  if
  :: state[T] == none || is_final(T) -> found = unknown
  :: is_unsent(T) -> found = not_sent
  :: state[T] == reserved && sent[T] && !lease_over -> found = news
  :: else -> found = missing
  fi
}
inline read_list() {
  if
  :: is_listed(T) && found == missing ->
       if :: state[T] == reserved -> found = news :: else -> found = agrees fi
  :: !is_listed(T) && found != missing -> found = agrees
  :: else
  fi;
  if :: found != missing -> absent = 0 :: else fi
}

/*
 * reconcile.ts, #reclaim: the order was marked and sent after the ledger was read, or the ledger has lost it.
 */
inline reclaim() {
  if
  :: sent[T] -> open(T)
  :: is_final(T)
  :: else ->
#ifdef WIPE
    give_back(T); adopt(T)
#else
    ASSERT_I4(T)
#endif
  fi
}

#ifdef FAULTS
/* For liveness, rounds that find no difference are left out. */
#define MAY_DIFFER ((is_live(T) || is_over(T)) \
  -> !(state[T] == working && is_live(T)) && !is_final(T) \
  : state[T] == reserved && sent[T] && lease_over)
#define MAY_MATTER(i) (!is_final(i))
#else
#define MAY_MATTER(i) true
#define MAY_DIFFER true
#endif

proctype Keeper() {
  bit absent;               /* missing-orders.ts: not found once */
  mtype:finding found = agrees;

end:
idle:
  atomic { found = agrees; looking = 0; changed = 0 };
#ifdef WIPE
  if :: !synced -> goto rebuilds :: else fi;
#endif
  if
#ifdef WIPE
  :: d_step { synced && are_settled && positions != BOUGHT -> correct_positions() } -> goto idle
#endif
  :: d_step { is_over(V1) && MAY_MATTER(V1) -> settle_as_broker(V1) } -> goto idle
  :: d_step { is_over(V2) && MAY_MATTER(V2) -> settle_as_broker(V2) } -> goto idle
#ifdef PARTIAL
  :: d_step { is_listed(T) && part[T] != had[T] && state[T] == working -> fill(T) } -> goto idle
  :: d_step { is_listed(V1) && part[V1] != had[V1] -> fill(V1) } -> goto idle
#endif
#ifdef EXITS
  HEAR_EXIT(0) -> goto idle
  HEAR_EXIT(1) -> goto idle
#endif
  :: d_step { MAY_DIFFER -> looking = 1; read_ledger() }
  fi;
  atomic { true -> read_list(); if :: found == agrees -> goto idle :: else fi };

  if
  :: d_step { found == news -> open(T) } -> goto idle
  :: d_step { found == unknown ->
              if :: state[T] == none || is_final(T) -> adopt(T) :: else -> open(T) fi } -> goto idle
  :: d_step { found == not_sent -> reclaim() } -> goto idle
#ifdef NO_QUESTIONS
  :: found == missing -> goto idle
#else
  /* queries this one order */
  :: d_step { found == missing && is_over(T) -> absent = 0; settle_as_broker(T) } -> goto idle
  :: d_step { found == missing && is_listed(T) -> absent = 0; open(T) } -> goto idle
#ifdef NOT_FOUND_ONCE
  :: found == missing && !is_shown(T)
#else
  :: d_step { found == missing && !is_shown(T) && !absent -> absent = 1 } -> goto idle
  /* A sync interval later: by then the broker shows what it has accepted. */
  :: found == missing && at_broker[T] == nothing && absent
#endif
#endif
  KEEPER_CRASH
  fi;
  if
  :: d_step { true -> if :: !changed -> settle(T, ended) :: else fi }
  KEEPER_CRASH
  fi;
  goto idle;
#ifdef WIPE
rebuilds:
  rebuild();
  goto idle
#endif
}

/* update-queue.ts, apply-update.ts: any update, at any time, any number of times, or never */
#define UPDATES(i) \
  :: d_step { at_broker[i] != nothing -> open(i) } \
  :: d_step { is_over(i) -> settle_as_broker(i) }

proctype Stream() {
end:
  do
  UPDATES(T)
  UPDATES(V1)
  UPDATES(V2)
#ifdef PARTIAL
  :: d_step { part[T] > 0 -> open(T); fill(T) }
  :: d_step { part[V1] > 0 -> fill(V1) }
#endif
  od
}
