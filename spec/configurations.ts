/**
 * What is checked of the model (steal.pml): where the protocol must hold, and which property each broken
 * protocol must lose.
 */

export type Configuration = {
  /** One word for a broken protocol: what `steal.pml` is told. */
  name: string;
  says: string;
  /** `I1`, …, or what must be possible: `PLACED`, `MADE_UP`; `ALL`: I1, I4, I5, I6 in one search. */
  property: string;
  expect: 'holds' | 'violated';
  defines: readonly string[];
  /** Every statement of the model must have been carried out. */
  complete?: boolean;
};

/**
 * Claims about infinite runs: weakly fair, with a bounded number of faults. The rest are assertions, with any
 * number.
 */
export function isLiveness({ property }: Configuration): boolean {
  return property === 'I7' || property === 'I9';
}

const SMALL = ['WORKERS=1', 'CAP=3'];
const ENDS = [...SMALL, 'FAULTS=1'];
const PARTS = ['WORKERS=1', 'CAP=4', 'PARTIAL'];
const POOLS = ['WORKERS=1', 'CAP=4', 'CAP_OWN=3', 'POOLS'];
const FULL_POOL = ['WORKERS=1', 'CAP=6', 'CAP_OWN=3', 'POOLS', 'POOL_OF_ALL'];
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

/** In CI; the longest first. */
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
  holds('ends alike', 'I7', [...SMALL, 'FAULTS=2'], 'ledger and broker agree in the end, after two faults'),
  holds('no orphan', 'I9', [...SMALL, 'FAULTS=2'], 'every victim ends on both sides, after two faults'),
  holds('more room', 'ALL', ['WORKERS=1', 'CAP=4'], 'one victim or two, and room that came free elsewhere'),
  holds('ledger lost', 'I1', [...SMALL, 'WIPE'], 'wiped once, rebuilt from the broker'),
  holds(
    'partial fills',
    'ALL',
    [...PARTS, 'FAULTS=1'],
    'of a victim and of the thief, before and after it stole; one fault',
  ),
  holds('exits', 'ALL', EXITS, 'two exits of one position, filled in part too; no faults'),
  holds('two pools', 'ALL', POOLS, 'a victim of the own pool, one of another'),
  holds('a full pool', 'ALL', FULL_POOL, 'room in total, none in the own pool'),

  {
    ...broken('placed', 'PLACED', 'possible: a thief at the broker on the room of two victims'),
    defines: SMALL,
  },
  {
    ...broken('made up', 'MADE_UP', 'possible: a victim was filled, other room covers the thief'),
    defines: ['WORKERS=1', 'CAP=4'],
  },

  broken(
    'ROOM_AT_CANCEL_REQUEST',
    'I4',
    'room comes back when the broker takes the cancellation, not when it carried it out',
  ),
  broken('NO_MARK', 'I1', "a lease's end gives an order back although it was sent"),
  broken('SEND_AFTER_LEASE', 'I1', 'the sender does not look at its clock again before it sends'),
  broken(
    'LEASE_WITHOUT_FLIGHT',
    'I1',
    'the mark is held for the lease, and not for the request that is under way',
  ),
  broken('NOT_FOUND_ONCE', 'I4', 'the first "not found" is believed'),
  broken('NO_EARMARK', 'I5', 'freed room is free for all until the last victim has ended'),
  broken('SETTLE_TWICE_FREES', 'I6', 'an end that is told twice frees room twice'),
  broken('RESEND_UNCLEAR', 'I6', 'a submission without an answer is sent again'),
  broken('NO_QUESTIONS', 'I7', 'nobody asks for an order that is not listed any more', ENDS),
  broken('NO_OUTBOX', 'I9', 'cancellations are enqueued and not on record', ENDS),
  broken(
    'OUTBOX_UNTIL_ENQUEUED',
    'I9',
    'the record goes when the job was added, not when the victim has ended',
    ENDS,
  ),
  broken(
    'OTHER_POOLS_ROOM',
    'I1',
    "what a victim of another pool frees is given in the thief's own pool too",
    POOLS,
  ),
  broken('POOL_UNSEEN', 'I1', 'a thief is granted when it is covered in total, whatever its pool has', POOLS),
  broken(
    'POOL_ROOM_UNCLAIMED',
    'I5',
    'a thief leaves the free room of its pool to all until the last victim has ended',
    FULL_POOL,
  ),
  broken('PART_FORGOTTEN', 'I1', 'a cancelled order frees all it held, what was filled of it too', PARTS),
  broken('FILL_COUNTED_AGAIN', 'I6', 'a fill that is told twice is a position twice', PARTS),
  broken(
    'EXIT_FREES_AT_ONCE',
    'I1',
    'an exit frees room when it is sent, not when the broker filled it',
    EXITS,
  ),
  broken('EXIT_TOO_LARGE', 'I1', 'an exit is judged by what was held at first, not by what is left', EXITS),
  broken('EXITS_NOT_SUMMED', 'I1', 'each exit is judged alone', EXITS),
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
  holds('three workers', 'ALL', ['WORKERS=3', 'CAP=3', 'STREAM'], 'a job that is done three times at once'),
  holds('partial fills, any fault', 'ALL', PARTS, 'any number of faults'),
  holds(
    'parts end alike',
    'I7',
    [...PARTS, 'FAULTS=1'],
    'ledger and broker agree on partial fills in the end',
  ),
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
