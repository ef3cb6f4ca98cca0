/*
 * A ledger that is lost once (FLUSHALL) and rebuilt from the broker (src/keeper/reconcile.ts, loss-wait.ts).
 * I1 must hold all the time (I8).
 */

bit wiped;
bit listed[ORDERS];

inline forget(i) {
  state[i] = none; held[i] = 0; had[i] = 0; sent[i] = 0;
  foreign[i] = 0; robbed[i] = 0; has_ended[i] = 0; job[i] = 0
}
inline wipe() {
  forget(T); forget(V1); forget(V2); forget(C);
  orders = 0; positions = 0; steal = not_stolen; left = 0; outbox = 0; owed = 0; claimed = 0;
  synced = 0; wiped = 1; changed = 1
}

/*
 * A submission that was marked in the old ledger may be sent until its lease ends, and is then under way for
 * at most a request's timeout.
 */
#ifdef SHORT_SILENCE
#define is_silent (!may_send)
#else
#define is_silent (!may_send && post != in_flight && at_broker[T] != hidden_live)
#endif

#define BOUGHT (bought_of(T) + bought_of(V1) + bought_of(V2) + bought_of(C))
#define is_settled(i) (!is_over(i) || state[i] == none || is_final(i))
#define are_settled (is_settled(T) && is_settled(V1) && is_settled(V2) && is_settled(C))

inline bring_back(i) { if :: listed[i] -> adopt(i); listed[i] = 0 :: else fi }
/*
 * Reads the broker's list, adopts its orders, reads positions; then the account opens. An order that fills
 * in between counts twice for a moment.
 */
inline rebuild() {
  is_silent;
  d_step { true ->
    listed[T] = is_listed(T); listed[V1] = is_listed(V1);
    listed[V2] = is_listed(V2); listed[C] = is_listed(C) };
  d_step { true -> bring_back(T); bring_back(V1); bring_back(V2); bring_back(C) };
  d_step { true -> positions = BOUGHT; synced = 1 }
}
/* Later syncs correct a position. */
inline correct_positions() { positions = BOUGHT }
