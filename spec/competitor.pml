/*
 * A third watcher, who takes whatever room it is given. Of its own order only what touches the others matters: that it is admitted,
 * that its room comes back or is used, and that it counts at the broker from then on. The thief's order shows all the rest.
 */
proctype Competitor() {
end:
  d_step { synced && state[C] == none && fits(C) -> reserve(C) };
  if
  :: d_step { is_granted(C) && synced -> mark(C); accept(C); state[C] = working; at_broker[C] = live }
  :: !is_granted(C)                                 /* its lease was over */
  fi
}
