/**
 * The configurations in which the model (steal.pml) is checked: those in which the protocol must hold, and
 * broken protocols, each with the property that it must violate.
 */

export type Configuration = {
  /** For a broken protocol also the define that breaks it in `steal.pml`. */
  name: string;
  says: string;
  /** `I1`, …; `ALL`: I1, I4, I5, I6 in one search; `PLACED`, `KEPT_PLACED`, `MADE_UP`: reachable. */
  property: string;
  expect: 'holds' | 'violated';
  defines: readonly string[];
  /** True: every statement of the model must be reached. */
  complete?: boolean;
};

/**
 * Is it a liveness property: a claim about infinite runs, under weak fairness and with a limited number of
 * faults? The other properties are assertions, checked with any number of faults.
 */
export function isLiveness({ property }: Configuration): boolean {
  return property === 'I7' || property === 'I9';
}

const SMALL = ['WORKERS=1', 'CAP=3'];
const ENDS = [...SMALL, 'FAULTS=1'];
const PARTS = ['WORKERS=1', 'CAP=4', 'PARTIAL'];
const POOLS = ['WORKERS=1', 'CAP=4', 'CAP_OWN=3', 'POOLS'];
const FULL_POOL = ['WORKERS=1', 'CAP=6', 'CAP_OWN=3', 'POOLS', 'POOL_OF_ALL'];
const KEPT = ['WORKERS=1', 'CAP=4', 'KEPT'];
const EXITS = ['WORKERS=1', 'CAP=5', 'EXITS', 'FAULTS=0'];

function holds(name: string, property: string, defines: readonly string[], says: string): Configuration {
  return { name, property, expect: 'holds', defines, says };
}

function broken(
  name: string,
  property: string,
  says: string,
  defines: readonly string[] = SMALL,
): Configuration {
  return { name, property, expect: 'violated', defines: [...defines, name], says };
}

/** Checked in CI; the longest first. */
export const CONFIGURATIONS: readonly Configuration[] = [
  {
    ...holds(
      'everything',
      'ALL',
      ['WORKERS=2', 'CAP=3', 'STREAM'],
      'two workers, trade updates, any number of faults',
    ),
    complete: true,
  },
  holds('ends alike', 'I7', [...SMALL, 'FAULTS=2'], 'ledger and broker finally agree, after two faults'),
  holds('no orphan', 'I9', [...SMALL, 'FAULTS=2'], 'every victim ends on both sides, after two faults'),
  holds('more room', 'ALL', ['WORKERS=1', 'CAP=4'], 'one victim or two, and room that others release'),
  holds('ledger lost', 'I1', [...SMALL, 'WIPE'], 'wiped once, rebuilt from the broker'),
  holds(
    'partial fills',
    'ALL',
    [...PARTS, 'FAULTS=1'],
    'of a victim and of the thief, before and after the steal; one fault',
  ),
  holds('exits', 'ALL', EXITS, 'two exits of one position, with partial fills; no faults'),
  holds('a part is kept', 'ALL', KEPT, 'what a victim frees beyond the need goes back to its plan'),
  holds('two pools', 'ALL', POOLS, "one victim of the thief's pool, one of another"),
  holds('a full pool', 'ALL', FULL_POOL, "room in total, none in the thief's pool"),

  {
    ...broken('placed', 'PLACED', 'possible: a thief at the broker on the room of two victims'),
    defines: SMALL,
  },
  {
    ...broken('kept and placed', 'KEPT_PLACED', 'possible: a thief has its room, its victim the rest'),
    defines: KEPT,
  },
  {
    ...broken('made up', 'MADE_UP', 'possible: a victim was filled, other room covers the thief'),
    defines: ['WORKERS=1', 'CAP=4'],
  },

  broken(
    'ROOM_AT_CANCEL_REQUEST',
    'I4',
    'room is freed when the broker accepts the cancellation, not when the order is cancelled',
  ),
  broken('NO_MARK', 'I1', 'the end of its lease releases an order although it was sent'),
  broken('SEND_AFTER_LEASE', 'I1', 'the sender does not check its clock again just before it sends'),
  broken(
    'LEASE_WITHOUT_FLIGHT',
    'I1',
    'the mark is kept for the lease, but not for the time of a request that is under way',
  ),
  broken('NOT_FOUND_ONCE', 'I4', 'the first "not found" is believed'),
  broken('NO_EARMARK', 'I5', 'freed room is available to all until the last victim has ended'),
  broken('SETTLE_TWICE_FREES', 'I6', 'an end that is reported twice frees room twice'),
  broken('RESEND_UNCLEAR', 'I6', 'a submission without an answer is sent again'),
  broken('NO_QUESTIONS', 'I7', 'nobody queries an order that is no longer listed', ENDS),
  broken('NO_OUTBOX', 'I9', 'cancellations are enqueued but not on record', ENDS),
  broken(
    'OUTBOX_UNTIL_ENQUEUED',
    'I9',
    'the record is removed when the job is added, not when the victim has ended',
    ENDS,
  ),
  broken(
    'OTHER_POOLS_ROOM',
    'I1',
    "room that a victim of another pool frees is also given in the thief's pool",
    POOLS,
  ),
  broken('POOL_UNSEEN', 'I1', 'a thief is granted when it is covered in total, but not in its pool', POOLS),
  broken(
    'POOL_ROOM_UNCLAIMED',
    'I5',
    "the free room of a thief's pool stays available to all until the last victim has ended",
    FULL_POOL,
  ),
  broken('PART_FORGOTTEN', 'I1', 'a cancelled order frees all that it held, its filled part included', PARTS),
  broken('FILL_COUNTED_AGAIN', 'I6', 'a fill that is reported twice counts twice in the position', PARTS),
  broken('KEPT_UNFREED', 'I1', 'a victim keeps its part whether or not it was freed', KEPT),
  broken('EXIT_FREES_AT_ONCE', 'I1', 'an exit frees room when it is sent, not when it is filled', EXITS),
  broken('EXIT_TOO_LARGE', 'I1', 'an exit is checked against the first position, not what is left', EXITS),
  broken('EXITS_NOT_SUMMED', 'I1', 'each exit is checked alone', EXITS),
  broken('SHORT_SILENCE', 'I1', 'a lost ledger is rebuilt without waiting for requests that are under way', [
    ...SMALL,
    'WIPE',
  ]),
];

/** Too long for CI. */
export const DEEP: readonly Configuration[] = [
  holds(
    'everything, more room',
    'ALL',
    ['WORKERS=2', 'CAP=4', 'STREAM'],
    'two workers, trade updates, any number of faults',
  ),
  holds('three workers', 'ALL', ['WORKERS=3', 'CAP=3', 'STREAM'], 'one job in three workers at once'),
  holds('partial fills, any fault', 'ALL', PARTS, 'any number of faults'),
  holds('parts end alike', 'I7', [...PARTS, 'FAULTS=1'], 'ledger and broker finally agree on partial fills'),
  holds(
    'ledger lost, more room',
    'I1',
    ['WORKERS=2', 'CAP=4', 'WIPE', 'STREAM'],
    'with two workers and trade updates',
  ),
  holds('ends alike, more faults', 'I7', [...SMALL, 'FAULTS=4'], 'after four faults'),
  holds(
    'ends alike, two workers',
    'I7',
    ['WORKERS=2', 'CAP=4', 'FAULTS=2', 'STREAM'],
    'with trade updates, after two faults',
  ),
  holds('no orphan, more faults', 'I9', [...SMALL, 'FAULTS=4'], 'after four faults'),
  holds(
    'no orphan, two workers',
    'I9',
    ['WORKERS=2', 'CAP=4', 'FAULTS=2', 'STREAM'],
    'with trade updates, after two faults',
  ),
];
