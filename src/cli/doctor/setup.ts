/** The settings of this process as `worksteal doctor` judges them, and what further checks need of them. */
import type { BrokerSettings } from '../../broker/adapter.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { BROKER_NAMES } from '../../fleet/broker-variables.ts';
import { BROKERS } from '../../fleet/brokers.ts';
import { type FleetSettings, readFleetSettings } from '../../fleet/fleet-settings.ts';
import { processSettings } from '../../fleet/settings-file.ts';
import { unknownFleetVariables } from '../../fleet/unknown-variables.ts';
import { bad, type Finding, well } from '../../inspection/check/finding.ts';
import type { Env, Settings } from '../../rules/settings.ts';
import { requireNode } from '../node-version.ts';

export type Setup = {
  findings: Finding[];
  /** The defaults where the environment has faults. */
  fleet: FleetSettings;
  /** Undefined where the settings of the rules have faults. */
  rules: Settings | undefined;
  /** Undefined where its address or its keys are missing or invalid. */
  broker: BrokerSettings | undefined;
};

/** Stands in for an address, which is judged on its own. */
const ANY_REDIS = { REDIS_URL: 'redis://127.0.0.1' };

export function readSetup(env: Env, nodeVersion: string): Setup {
  const node = attempt(() => requireNode(nodeVersion));
  const rules = attempt(() => processSettings(env));
  const fleet = attempt(() => readFleetSettings({ ...env, ...ANY_REDIS }));
  const broker = readBroker(env);
  const { settings, warnings = [] } = rules.value ?? {};
  return {
    findings: [
      node.fault === undefined ? well('node', `Node ${nodeVersion}`) : bad('node', node.fault, NEXT_NODE),
      judgeSettings([rules.fault, fleet.fault].filter((text) => text !== undefined)),
      ...[...unknownFleetVariables(env), ...warnings].map((words) =>
        bad('variables', words, 'correct the variable, or remove it'),
      ),
      ...('faults' in broker ? [bad('keys', broker.faults.join('; '), NEXT_KEYS)] : []),
    ],
    fleet: fleet.value ?? readFleetSettings(ANY_REDIS),
    rules: settings,
    broker: 'settings' in broker ? broker.settings : undefined,
  };
}

const NEXT_NODE = 'install Node 24 or newer; in a checkout start it with npx worksteal, or npm start';
const NEXT_KEYS = "set the broker's address and keys; docs/settings.md, the broker";

function judgeSettings(faults: readonly string[]): Finding {
  if (faults.length === 0) return well('settings', 'all can be used');
  const words = faults.join('; ').replaceAll(/:?\n\s+/g, ': ');
  return bad('settings', words, 'correct them; `worksteal config` shows those of the rules');
}

function readBroker(env: Env): { settings: BrokerSettings } | { faults: string[] } {
  const name = BROKER_NAMES.find((one) => one === env['WORKSTEAL_BROKER']) ?? 'alpaca';
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return BROKERS[name].read(Object.fromEntries(given), true);
}

/** What was read, or the message of the error that it was refused with. */
function attempt<T>(read: () => T): { value?: T; fault?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof WorkstealError) return { fault: error.message };
    throw error;
  }
}
