/** `worksteal keep`: the account's keeper. */
import { CancelQueue } from '../src/cancels/queue.ts';
import { Relay } from '../src/cancels/relay.ts';
import { openFleet } from '../src/fleet/fleet.ts';
import { runKeeper } from '../src/keeper/keeper.ts';
import { setLedgerSpeed } from '../src/keeper/ledger-speed.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';

/** Runs until SIGTERM or SIGINT. @throws WorkstealError `settings`, `unavailable` */
export async function runKeep(): Promise<void> {
  const fleet = await openFleet('keep');
  const { settings, rules, log, ledger, broker, signal, step, report, onTrouble } = fleet;
  const { redisUrl, leaseMs, inFlightMs, syncMs, syncMaxAgeMs, ignored, lagMs, equityJump } = settings;
  const mutex = redlockMutex([ledger.redis]);
  const queue = new CancelQueue(redisUrl, settings.account);
  const relay = new Relay({ ledger, queue, log });
  const recoverOutbox = () => relay.pass();
  try {
    if (settings.ledgerSpeed !== undefined)
      await setLedgerSpeed(ledger, rules, syncMaxAgeMs, settings.ledgerSpeed);
    const parts = { ledger, redisUrl, broker, mutex, rules, log, recoverOutbox, report, step, onTrouble };
    await runKeeper(
      { ...parts, leaseMs, inFlightMs, syncMs, syncMaxAgeMs, ignored, lagMs, equityJump },
      signal,
    );
  } finally {
    await queue.close();
    await fleet.close();
  }
}
