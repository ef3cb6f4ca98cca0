/*
 * The steal protocol: a thief, two victims of other watchers, a competitor for the freed room, cancel
 * workers, a keeper, the broker. Messages may be lost, duplicated, late or out of order. Each process may
 * crash between any two steps. What is checked: properties.pml. How to run it, and what it leaves out:
 * README.md.
 *
 * Defined from outside (spec/configurations.ts):
 *   CAP            3 or 4, see below
 *   WORKERS        number of cancel workers, 1 to 3
 *   FAULTS         limit of crashes and losses in total, after which liveness is required.
 *                  Undefined: any number, at any time (safety)
 *   STREAM         trade updates reach the keeper, any number of times and at any delay
 *   PARTIAL        the first victim has two units; one unit of it and of the thief's order may fill alone
 *   KEPT           the first victim has two units, of which the thief may need one: the other goes back to
 *                  the victim's plan, as an order of its own
 *   POOLS          the thief and the first victim are in a pool with cap CAP_OWN, the other victim is not
 *   POOL_OF_ALL    the competitor is in the thief's pool, too
 *   EXITS          the position has two units from the start, and two exits try to close them
 *   WIPE           the ledger may be lost once, and is rebuilt from the broker
 *   CHECK_I1 ...   the property that is asserted
 *   NO_MARK ...    a protocol without one of its rules
 */

#ifdef KEPT
#define ORDERS 5
#define K 4     /* what the first victim's plan keeps */
#else
#define ORDERS 4
#endif
#define T 0     /* the thief's order */
#define V1 1    /* the victims, which work at the broker from the start */
#define V2 2
#define C 3     /* the order of a watcher who competes for room */

/*
 * Units of money. Cap 3: one unit is free at first; the thief needs it and both victims. Cap 4: two are free;
 * the thief needs one victim, or two if the competitor came first. If a victim fills, room that the
 * competitor releases can replace the victim's.
 */
#ifdef KEPT
#define need(i) (((i) == T || (i) == V1) -> 2 : 1)
#elif defined(PARTIAL)
#define need(i) ((i) == T -> 3 : ((i) == V1 -> 2 : 1))
#else
#define need(i) ((i) == T -> 3 : 1)
#endif

#ifdef FAULTS
byte faults_left = FAULTS;
#define MAY_FAIL (faults_left > 0)
#define COUNT_FAULT faults_left--
#else
#define MAY_FAIL true
#define COUNT_FAULT skip
#endif

#include "state.pml"
#include "pools.pml"
#include "properties.pml"
#include "exits.pml"
#include "ledger.pml"
#ifdef WIPE
#include "wipe.pml"
#endif
#include "broker.pml"
#include "worker.pml"
#include "thief.pml"
#include "competitor.pml"
#include "keeper.pml"

inline start(i) {
  state[i] = working; sent[i] = 1; hold(i, need(i)); hold_own(i, need(i)); at_broker[i] = live
}

init {
  atomic {
    d_step {
      start(V1);
#ifdef EXITS
      state[V2] = ended; positions = long_known
#else
      start(V2)
#endif
    }
    run Broker();
    run Market();
    run Clock();
    run Thief();
    run Competitor();
#ifdef KEPT
    run Holder();
#endif
    run Worker();
#if WORKERS > 1
    run Worker();
#endif
#if WORKERS > 2
    run Worker();
#endif
    run Relay();
    run Keeper();
#ifdef EXITS
    run Exits();
#endif
#ifdef STREAM
    run Stream()
#endif
  }
}
