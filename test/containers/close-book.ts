/**
 * Runs in a container of the fleet, when the planner and the watchers have stopped: compares ledger and
 * exchange as the end of `worksteal up` does, and prints what it found as one JSON line.
 */

import { close } from '../../src/cli/up/finish.ts';
import { readFleetSettings } from '../../src/fleet/fleet-settings.ts';
import { openLedger } from '../../src/ledger/ledger.ts';

const { redisUrl, account, broker } = readFleetSettings(process.env);
const ledger = await openLedger(redisUrl, account);
try {
  const { verdict, audit, ...rest } = await close(ledger, broker.address, () => performance.now());
  const { violationCount, doubleOrders, acceptances } = verdict;
  process.stdout.write(
    `${JSON.stringify({ ...rest, auditFaults: audit.faults, violationCount, doubleOrders, acceptances })}\n`,
  );
} finally {
  await ledger.close();
}
