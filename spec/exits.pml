/*
 * Exits: the position has two units from the start. One exit closes one of them, the other one closes both.
 * An exit needs no room (lua/admit.lua). It is checked against the position, less what other exits have still
 * to close (lua/include/holdings.lua, exits.lua).
 */
#ifdef EXITS

#define size(e) ((e) + 1)
#define at_work(e) (exit_at[e] == live -> size(e) - exit_part[e] : 0)

#ifdef EXIT_TOO_LARGE
#define may_exit(e) (exit[e] == none && size(e) + closing <= 2)
#else
#ifdef EXITS_NOT_SUMMED
#define may_exit(e) (exit[e] == none && size(e) <= long_known)
#else
#define may_exit(e) (exit[e] == none && size(e) + closing <= long_known)
#endif
#endif

inline drop_exit(amount) { closing = (closing > (amount) -> closing - (amount) : 0) }

/*
 * An exit beyond the position would open one that nobody counts, so all exits at the broker must be within it
 * (I1).
 */
inline place_exit(e) {
  ASSERT_I1(at_work(0) + at_work(1) + size(e) <= long_held);
  exit[e] = working; exit_at[e] = live;
#ifdef EXIT_FREES_AT_ONCE
  positions = positions - size(e)
#endif
}

/* lua/fill.lua, settle.lua: only a fill that the broker reports reduces the position. */
inline hear_exit(e) {
  if
  :: exit_part[e] > exit_had[e] ->
#ifndef EXIT_FREES_AT_ONCE
    positions = positions - (exit_part[e] - exit_had[e]);
#endif
    long_known = long_known - (exit_part[e] - exit_had[e]);
    drop_exit(exit_part[e] - exit_had[e]);
    exit_had[e] = exit_part[e]
  :: else
  fi;
  if
  :: exit_at[e] == bought -> exit[e] = filled
  :: exit_at[e] == cancelled ->
       drop_exit(size(e) - exit_had[e]);
       exit[e] = (exit_had[e] == 0 -> none : ended);
       exit_at[e] = nothing
  :: else
  fi;
  SUMS_AGREE
}
#define HEAR_EXIT(e) :: d_step { exit[e] == working && (exit_part[e] > exit_had[e] || exit_at[e] != live) \
                                 -> hear_exit(e) }

inline sell(e) {
  exit_part[e] = exit_part[e] + 1; long_held = (long_held > 0 -> long_held - 1 : 0);
  if :: exit_part[e] == size(e) -> exit_at[e] = bought :: else fi
}

#define LIFE(e) \
  :: d_step { may_exit(e) -> exit[e] = reserved; closing = closing + size(e) } \
  :: d_step { exit[e] == reserved -> exit[e] = none; drop_exit(size(e)) } \
  :: d_step { exit[e] == reserved -> place_exit(e) } \
  :: d_step { exit_at[e] == live -> sell(e) } \
  :: d_step { exit_at[e] == live -> exit_at[e] = cancelled }

/*
 * The hosts of the exits, and the broker's side; the keeper reports it to the ledger. An unfilled exit may
 * retry.
 */
proctype Exits() {
end:
  do
  LIFE(0)
  LIFE(1)
  od
}

#endif
