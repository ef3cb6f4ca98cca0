/*
 * A pool with its own cap (`pool` of an order): its orders count there and in total. The other pool never
 * runs out of room, so its orders count only in total here.
 */
#ifdef POOLS

#ifdef POOL_OF_ALL
#define in_pool(i) ((i) != V2)
#else
#define in_pool(i) ((i) == T || (i) == V1)
#endif
#define ROOM_OWN (CAP_OWN - orders_own - positions_own)
#define EXPOSURE_OWN ((in_pool(C) -> counted(C) : 0) + counted(T) + counted(V1))

byte held_own[ORDERS];      /* held_pool_micros */
byte orders_own;            /* orders_micros:POOL */
byte positions_own;         /* positions_micros:POOL */
byte owed_own, claimed_own; /* like owed and claimed, in the pool */
byte gift_own, freed_in_pool; /* temporary, within one command */

inline hold_own(i, amount) {
  if :: in_pool(i) -> orders_own = orders_own + (amount) - held_own[i]; held_own[i] = amount :: else fi
}
inline fill_own(i, amount) { if :: in_pool(i) -> positions_own = positions_own + (amount) :: else fi }
inline limit_own(i) { if :: held_own[i] > need(i) - had[i] -> hold_own(i, need(i) - had[i]) :: else fi }

/* lua/include/attempt.lua, lacks. Only the first victim frees room in the thief's pool. */
#define lacks_own (need(T) > ROOM_OWN -> need(T) - (ROOM_OWN > 0 -> ROOM_OWN : 0) : 0)
#define may_cover_own (lacks_own <= (is_robbable(V1) -> held_own[V1] : 0))
inline claim_own() {
  claimed_own = need(T) - lacks_own;
#ifndef POOL_ROOM_UNCLAIMED
  hold_own(T, claimed_own)
#endif
}

/* lua/include/steals.lua: a victim of another pool frees no room in the thief's pool */
#define FREED_OWN freed_in_pool
#ifdef OTHER_POOLS_ROOM
inline note_freed_own(i) { freed_in_pool = held[i] }
#else
inline note_freed_own(i) { freed_in_pool = held_own[i] }
#endif
inline forget_freed_own() { freed_in_pool = 0 }

inline give_own(freed) {
  gift_own = need(T) - held_own[T];
  if :: gift_own > (freed) -> gift_own = freed :: else fi;
#ifndef OTHER_POOLS_ROOM
  if
  :: ROOM_OWN <= 0 -> gift_own = 0
  :: ROOM_OWN > 0 && gift_own > ROOM_OWN -> gift_own = ROOM_OWN
  :: else
  fi;
#endif
  hold_own(T, held_own[T] + gift_own)
}
inline owe_own() { owed_own = owed_own + gift_own }
inline forget_gifts() { owed = 0; claimed = 0; owed_own = 0; claimed_own = 0 }

#ifdef POOL_UNSEEN
#define is_covered(i) (held[i] >= need(i))
#else
#define is_covered(i) (held[i] >= need(i) && held_own[i] >= need(i))
#endif
#define ASSERT_I5_OWN(i) assert(i == T || !in_pool(i) || !(state[T] == pending || is_granted(T)) || \
  held_own[V1] + positions_own + claimed_own + owed_own + need(i) <= CAP_OWN)
#define OWN_SUMS_AGREE (orders_own == held_own[T] + held_own[V1] + held_own[C] && \
                        positions_own == had[T] + had[V1])

#else

#define in_pool(i) false
#define ROOM_OWN CAP
#define CAP_OWN CAP
#define EXPOSURE_OWN 0
#define hold_own(i, amount) skip
#define fill_own(i, amount) skip
#define limit_own(i) skip
#define may_cover_own true
#define claim_own() skip
#define FREED_OWN 0
#define note_freed_own(i) skip
#define forget_freed_own() skip
#define give_own(freed) skip
#define owe_own() skip
#define forget_gifts() owed = 0; claimed = 0
#define is_covered(i) (held[i] >= need(i))
#define ASSERT_I5_OWN(i) skip
#define OWN_SUMS_AGREE true

#endif
