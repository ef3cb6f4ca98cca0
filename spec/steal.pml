/*
 * The steal protocol: a thief, two victims of other watchers, a third watcher who wants the room that comes free, cancel workers, a
 * keeper, the broker; messages that are lost, doubled, late or out of turn; a crash of every process between any two steps.
 * What is checked: properties.pml. How it is run, and what it leaves out: README.md.
 *
 * Defined from outside (spec/configurations.ts):
 *   CAP            3 or 4, see below
 *   WORKERS        cancel workers at a time, 1 to 3
 *   FAULTS         how many faults there may be in all: the crashes and losses after which liveness is promised. Undefined: any
 *                  number, at any time (safety)
 *   STREAM         trade updates reach the keeper, any number of times and however late
 *   PARTIAL        the first victim has two units; of it and of the thief's order one may be filled alone
 *   POOLS          the thief and the first victim are of a pool whose cap is CAP_OWN, the second victim is of another
 *   POOL_OF_ALL    the competitor is of the thief's pool too
 *   EXITS          two units are held from the start, and two exits want to close them
 *   WIPE           the ledger may be lost once, and is rebuilt from the broker
 *   CHECK_I1 ...   which property is asserted
 *   a broken rule  NO_OUTBOX, NO_MARK, ...: a protocol without one of its rules
 */

#define ORDERS 4
#define T 0     /* the thief's order */
#define V1 1    /* the victims, which work at the broker from the start */
#define V2 2
#define C 3     /* the order of a watcher who competes for room */

/*
 * Units of money. Cap 3: one unit is free at first, the thief needs it and both victims. Cap 4: two are free, the thief needs one victim,
 * or two when the competitor came before it; and what the competitor gives back can make up for a victim that was filled.
 */
#ifdef PARTIAL
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

inline start(i) { state[i] = working; sent[i] = 1; hold(i, need(i)); hold_own(i, need(i)); at_broker[i] = live }

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
