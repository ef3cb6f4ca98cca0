/*
 * The way of a cancellation: queue, recovery from the outbox, workers (src/cancels). The queue is only a
 * hint: a job may be lost, added twice, or done by two workers at once.
 */

/* src/cancels/queue.ts, for the victims of the steal */
inline enqueue() {
  if :: robbed[V1] && state[V1] == cancelling -> job[V1] = 1 :: else fi;
  if :: robbed[V2] && state[V2] == cancelling -> job[V2] = 1 :: else fi;
#ifdef OUTBOX_UNTIL_ENQUEUED
  outbox = 0
#endif
}

/* src/cancels/relay.ts: stateless, so a crash is only a delay. */
#define is_open(i) (robbed[i] && state[i] == cancelling && !job[i])
proctype Relay() {
end:
  do
  :: d_step { outbox && (is_open(V1) || is_open(V2)) -> enqueue() }
  :: d_step { job[V1] && MAY_FAIL -> COUNT_FAULT; job[V1] = 0 }
  :: d_step { job[V2] && MAY_FAIL -> COUNT_FAULT; job[V2] = 0 }
  od
}

/*
 * src/cancels/cancel-order.ts. Giving up, a crash and a stalled job are the same: the worker starts again,
 * with the job or without. An end at the broker never changes, so asking for it and reporting it is one step.
 * A job whose order has ended has nothing to do (end_order removes it from the queue).
 */
proctype Worker() {
  byte v;

end:
idle:
  v = 0;
  if
  :: d_step { job[V1] -> v = V1; cancel_asked[v] = !is_over(v) }
  :: d_step { job[V2] -> v = V2; cancel_asked[v] = !is_over(v) }
  fi;
#ifdef ROOM_AT_CANCEL_REQUEST
  d_step { true -> settle(v, ended) };
#else
  if
  :: d_step { is_over(v) -> settle_as_broker(v) }
  :: state[v] != cancelling                                     /* somebody else settled it */
  :: at_broker[v] == live && !cancel_asked[v]                   /* lost, or given up: try again */
  :: d_step { MAY_FAIL -> COUNT_FAULT }
  fi;
#endif
  goto idle
}
