/*
 * The ledger: each command is one Lua script, so one indivisible step (d_step). Only what matters to the
 * protocol is here; of the rules for victims only: the order works, and is another watcher's entry.
 */

inline touch(i) { if :: looking && i == T -> changed = 1 :: else fi }

inline hold(i, amount) { orders = orders + (amount) - held[i]; held[i] = amount }

/* lua/include/attempt.lua, reserve */
inline reserve(i) {
  ASSERT_I5(i);
  hold(i, need(i)); hold_own(i, need(i)); state[i] = reserved; touch(i)
}

/* lua/include/orders.lua, end_order: frees all its room */
inline end_order(i, how) {
  ASSERT_I6(!has_ended[i]);
  hold(i, 0); hold_own(i, 0); state[i] = how; sent[i] = 0; has_ended[i] = 1;
  if :: i == T -> forget_gifts(); lease_over = lease_over && to_send :: else -> job[i] = 0 fi;
  touch(i)
}

/* lua/include/steals.lua, give: the thief gets freed room first, but never more than the cap has room */
inline give(freed, freed_own) {
  gift = need(T) - held[T];
  if :: gift > (freed) -> gift = freed :: else fi;
  if :: ROOM <= 0 -> gift = 0 :: ROOM > 0 && gift > ROOM -> gift = ROOM :: else fi;
  hold(T, held[T] + gift);
  give_own(freed_own)
}

/* lua/include/steals.lua, victim_ended */
inline victim_ended(freed, freed_own) {
  left--;
#ifndef OUTBOX_UNTIL_ENQUEUED
  if :: left == 0 -> outbox = 0 :: else fi;
#endif
  if
  :: steal == waiting && state[T] == pending ->
#ifdef NO_EARMARK
    owed = owed + (freed);
    if :: left == 0 -> give(CAP, CAP) :: else fi;
#else
    give(freed, freed_own);
    owed = owed + gift; owe_own();
    if :: left == 0 && !is_covered(T) -> give(CAP, CAP); WITNESS_MADE_UP :: else fi;
#endif
    if
    :: is_covered(T) -> state[T] = reserved; steal = granted; touch(T)
    :: !is_covered(T) && left == 0 -> steal = failed; end_order(T, ended)
    :: else
    fi
  :: else
  fi
}

/*
 * lua/include/keeping.lua: in the step that settles the last victim, of what was freed and the thief does not
 * lack
 */
#ifdef KEPT
inline keep(freed) {
  if
#ifdef KEPT_UNFREED
  :: left == 0 && state[K] == none -> hold(K, need(K)); state[K] = reserved
#else
  :: left == 0 && state[K] == none && steal == granted && ROOM >= need(K) &&
     (freed) >= need(T) - claimed + need(K) ->
    ASSERT_I5_KEPT;
    hold(K, need(K)); state[K] = reserved
#endif
  :: else
  fi
}
#endif

/*
 * lua/steal.lua: takes victims, worst first, until the thief fits. Guarded by can_steal. With two victims the
 * greedy choice is enough.
 */
#define can_steal (synced && state[T] == none && !fits(T) && \
                   lacks(T) <= freeable(V1) + freeable(V2) && may_cover_own)
inline rob(i) {
  state[i] = cancelling; robbed[i] = 1; left++;
  lack = (lack > held[i] -> lack - held[i] : 0);
  touch(i)
}
inline commit_steal() {
  lack = lacks(T);
  claimed = need(T) - lack;
  hold(T, claimed); claim_own(); state[T] = pending; steal = waiting; touch(T);
  if :: freeable(V1) > 0 -> rob(V1) :: else fi;
  if :: lack > 0 -> rob(V2) :: else fi;
  lack = 0;
#ifndef NO_OUTBOX
  outbox = 1
#endif
}

/*
 * lua/include/orders.lua, apply_fill: cumulative. The filled part becomes a position; the rest still counts.
 */
inline apply_fill(i, amount) {
  if
  :: (amount) > had[i] ->
    positions = positions + (amount) - had[i];
    fill_own(i, (amount) - had[i]);
    had[i] = amount;
    if :: held[i] > need(i) - had[i] -> hold(i, need(i) - had[i]) :: else fi;
    limit_own(i);
    touch(i)
#ifdef FILL_COUNTED_AGAIN
  :: (amount) == had[i] && !is_final(i) -> positions = positions + (amount)
#endif
  :: else
  fi
}

/* lua/fill.lua */
#ifdef PARTIAL
inline fill(i) {
  if
  :: (state[i] == reserved && sent[i]) || state[i] == working || state[i] == cancelling ->
    apply_fill(i, part[i]);
    SUMS_AGREE
  :: else
  fi
}
#endif

/* lua/settle.lua. Does nothing for an order that is final, unknown or was never sent. */
inline settle(i, how) {
  if
  :: (state[i] == reserved && sent[i]) || state[i] == working || state[i] == cancelling ->
    ASSERT_I4(i);
    gift = (state[i] == cancelling && robbed[i]);
#ifdef PART_FORGOTTEN
    if :: how == filled -> apply_fill(i, need(i)) :: else fi;
#else
    if :: how == filled -> apply_fill(i, need(i)) :: else -> apply_fill(i, part[i]) fi;
#endif
    lack = held[i];       /* used for the freed room here */
    note_freed_own(i);
    end_order(i, how);
#ifdef KEPT
    if :: gift -> victim_ended(lack, FREED_OWN); keep(lack) :: else fi
#else
    if :: gift -> victim_ended(lack, FREED_OWN) :: else fi
#endif
#ifdef SETTLE_TWICE_FREES
  :: is_final(i) && orders >= need(i) -> orders = orders - need(i)
#endif
  :: else
  fi;
  gift = 0; lack = 0;
  forget_freed_own();
  SUMS_AGREE
}

inline settle_as_broker(i) {
  if :: at_broker[i] == bought -> settle(i, filled) :: else -> settle(i, ended) fi
}

/* lua/release.lua, and the end of a lease in lua/include/due.lua: releases an order that was never sent. */
inline give_back(i) {
  if
  :: is_unsent(i) ->
    ASSERT_I4(i);
    if :: state[i] == pending -> steal = failed :: else fi;
    end_order(i, ended)
  :: else
  fi
}

/* lua/submit.lua */
inline mark(i) {
  sent[i] = 1; touch(i);
  if :: i == T -> lease_over = 0; forget_gifts() :: else fi
}

/* lua/open.lua */
inline open(i) {
  if :: state[i] == reserved && sent[i] -> state[i] = working; touch(i) :: else fi
}

/* lua/adopt.lua */
inline adopt(i) {
  if
  :: state[i] == none || (is_final(i) && !changed) ->
    state[i] = working; sent[i] = 1; foreign[i] = 1; robbed[i] = 0; has_ended[i] = 0;
    had[i] = part[i];     /* its filled part is in the position already */
    hold(i, need(i) - had[i])
  :: else
  fi
}
