/* The state: ledger, broker, and the messages between them. It is changed in ledger.pml and broker.pml. */

/* ---- the ledger ---- */

mtype:order = { none, pending, reserved, working, cancelling, ended, filled }
/* `ended`: cancelled, rejected or expired. An adopted order is `working` and `foreign`: never a victim. */
mtype:steal = { not_stolen, waiting, granted, failed }

mtype:order state[ORDERS] = none;
byte held[ORDERS];          /* held_micros */
byte had[ORDERS];           /* filled_qty in the ledger */
bit sent[ORDERS];           /* sent_at_ms: the mark of `submit` */
bit foreign[ORDERS];
bit robbed[ORDERS];         /* robbed_by the thief */
byte orders;                /* orders_micros:total, a running total, not computed from the orders */
byte positions;             /* positions_micros:total */
mtype:steal steal = not_stolen;
byte left;                  /* victims that have not ended */
bit outbox;                 /* the steal's entry */
bit synced = 1;             /* reconciled on this server; otherwise nothing is admitted or marked (I8) */

bit lease_over;             /* the lease of the mark has ended, see Clock */
bit looking;                /* the keeper is comparing the thief's order */
bit changed;                /* the ledger has changed that order since the keeper read it (updated_ms) */

/* For the properties. */
byte owed;                  /* freed by the thief's victims, until it used, refused or lost that room */
byte claimed;               /* what the thief took of the free room when it stole */
bit has_ended[ORDERS];      /* its end was applied */
bit to_send;                /* a live process got the reply `send`, and has neither sent nor given up yet */
byte gift, lack;            /* temporary, within one command; 0 otherwise */

#define ROOM (CAP - orders - positions)
#define is_final(i) (state[i] == ended || state[i] == filled)
#define is_unsent(i) ((state[i] == reserved || state[i] == pending) && !sent[i])
#define is_granted(i) (state[i] == reserved && !sent[i])
#define is_robbable(i) (state[i] == working && !foreign[i])
#define freeable(i) (is_robbable(i) -> held[i] : 0)
#define lacks(i) (need(i) > ROOM -> need(i) - (ROOM > 0 -> ROOM : 0) : 0)
#define fits(i) (need(i) <= ROOM && (!in_pool(i) || need(i) <= ROOM_OWN))

/* ---- the broker ---- */

mtype:deal = { nothing, hidden_live, live, pending_cancel, cancelled, bought }
/* `hidden_live`: accepted, but not yet visible in the broker's answers. */
mtype:wire = { no_post, in_flight, accepted, refused, lost }

mtype:deal at_broker[ORDERS] = nothing;
mtype:wire post = no_post;  /* the thief's submission, and its answer while the thief waits for it */
bit awaited;
bit cancel_asked[ORDERS];   /* a DELETE is on its way */
byte part[ORDERS];          /* filled units of a working or cancelled order; all if `bought` */

#define is_live(i) (at_broker[i] == hidden_live || at_broker[i] == live || at_broker[i] == pending_cancel)
#define is_over(i) (at_broker[i] == cancelled || at_broker[i] == bought)
#define is_listed(i) (at_broker[i] == live || at_broker[i] == pending_cancel)
#define is_shown(i) (at_broker[i] != nothing && at_broker[i] != hidden_live)
#define bought_of(i) (at_broker[i] == bought -> need(i) : part[i])
#define counted(i) (is_live(i) -> need(i) : bought_of(i))
#ifdef KEPT
#define HELD_BY_K held[K]
#define COUNTED_OF_K counted(K)
#else
#define HELD_BY_K 0
#define COUNTED_OF_K 0
#endif
#define EXPOSURE (counted(T) + counted(V1) + counted(V2) + counted(C) + COUNTED_OF_K + HELD_AT_BROKER)

/* ---- the cancel queue ---- */

bit job[ORDERS];

/* ---- exits ---- */

#ifdef EXITS
#define HELD_AT_BROKER long_held
#define HELD_AT_LEDGER long_known
byte long_known = 2;        /* the position in the ledger */
byte long_held = 2;         /* the position at the broker */
byte closing;               /* exits: what live exits have still to close */
mtype:order exit[2] = none;
mtype:deal exit_at[2] = nothing;
byte exit_part[2];          /* filled at the broker */
byte exit_had[2];           /* filled in the ledger */
#else
#define HELD_AT_BROKER 0
#define HELD_AT_LEDGER 0
#endif
