/** What a bot reads of an account: the objects that `--json` prints, without `schema` (docs/json.md). */
import type { z } from 'zod';
import type { Outcome } from '../domain/outcome.ts';
import type { Facts } from '../json/from-ledger.ts';
import type { STATUS } from '../json/status.ts';
import type { TAIL } from '../json/tail.ts';
import type { VICTIM } from '../json/victim.ts';

/**
 * The state of an account: whether it admits orders, its pools with cap and room, what waits, the hosts. The
 * fields are those of `worksteal status --json` (docs/json.md): `...Micros` are micro-USD, `...Ms` are ms
 * since 1970, decimals are strings.
 */
export type Status = Omit<z.infer<typeof STATUS>, 'schema'>;

/**
 * Something that happened in an account. `id`: where it is in the stream, to resume after it. `type`: such as
 * `reserved`, `stolen`, `granted`, `working`, `fill`, `ended`. `atMs`: ms since 1970 on the ledger's clock,
 * null if not on record. `sentence`: the same for people. `fields`: the facts by name, such as `order`,
 * `symbol` and `reason`; `...Micros` are micro-USD. The type `gap` is no event of the ledger: others may be
 * missing before it, so read again what the bot relies on.
 */
export type AccountEvent = Omit<z.infer<typeof TAIL>, 'schema'>;

/** An order that gives up its room: its id, symbol, forecasted PnL in USD, and what it holds in micro-USD. */
export type Victim = z.infer<typeof VICTIM>;

/**
 * What would become of an order at this instant. `reason`: one of a closed list (docs/rules.md, 10);
 * `sentence`: the same for people. `victims`: the orders that would give up their room, worst first;
 * `wouldVictims`: the same while steals are only tried (dry run). `numbers`: what was judged, such as
 * `needMicros` and `roomMicros` (micro-USD).
 */
export type Decision = {
  admitted: boolean;
  reason: Exclude<Outcome, 'invalid'>;
  sentence: string;
  victims: Victim[];
  wouldVictims: Victim[];
  numbers: Facts;
};
