/** Files the plans of a campaign, in a container of the fleet, until it is stopped. */
import { readFleetSettings } from '../../src/fleet/fleet-settings.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { CampaignPlanner } from '../faults/campaign/planner.ts';

const { redisUrl, account } = readFleetSettings(process.env);
const ledger = await openLedger(redisUrl, account);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
await new CampaignPlanner(ledger, { seed: 1, wanted: 240 }).run(stopping.signal);
await ledger.close();
