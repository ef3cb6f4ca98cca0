/*
 * A third watcher, which takes any room that it gets. Its own order is modelled only as far as it affects the
 * others: it is admitted, its room is used or released, and from then on it counts at the broker. The thief's
 * order covers the rest.
 */
proctype Competitor() {
end:
  d_step { synced && state[C] == none && fits(C) -> reserve(C) };
  if
  :: d_step { is_granted(C) && synced -> mark(C); accept(C); state[C] = working; at_broker[C] = live }
  :: !is_granted(C)                                 /* its lease has ended */
  fi
}

/* The watcher of the plan that keeps a part: it places the rest, or gives it back (src/watcher/plan). */
#ifdef KEPT
proctype Holder() {
end:
  if
  :: d_step {
       is_granted(K) && synced ->
       WITNESS_KEPT; mark(K); accept(K); state[K] = working; at_broker[K] = live
     }
  :: d_step { is_unsent(K) -> give_back(K) }
  fi
}
#endif
