/** The settings of this process as `worksteal doctor` judges them, and what further checks need of them. */
import type { BrokerSettings } from '../../broker/adapter.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { BROKER_NAMES, BROKERS } from '../../fleet/brokers.ts';
import { type FleetSettings, readFleetSettings, unknownFleetVariables } from '../../fleet/fleet-settings.ts';
import { processSettings } from '../../fleet/settings-file.ts';
import type { Env, Settings } from '../../rules/settings.ts';
import { bad, type Finding, well } from '../check/finding.ts';
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
  const { settings, warnings } = attempt(() => processSettings(env)) ?? {};
  const read = attempt(() => readFleetSettings({ ...env, ...ANY_REDIS }));
  const broker = readBroker(env);
  const names = [...unknownFleetVariables(env), ...(warnings ?? [])];
  const faults = [
    faultOf(() => processSettings(env)),
    faultOf(() => readFleetSettings({ ...env, ...ANY_REDIS })),
  ];
  return {
    findings: [
      judgeNode(nodeVersion),
      judgeSettings(faults.filter((text) => text !== undefined)),
      ...names.map((words) => bad('variables', words, 'correct the variable, or remove it')),
      ...('faults' in broker ? [bad('keys', broker.faults.join('; '), NEXT_KEYS)] : []),
    ],
    fleet: read ?? readFleetSettings(ANY_REDIS),
    rules: settings,
    broker: 'settings' in broker ? broker.settings : undefined,
  };
}

const NEXT_KEYS = "set the broker's address and keys; docs/settings.md, the broker";

function judgeNode(version: string): Finding {
  const fault = faultOf(() => requireNode(version));
  if (fault === undefined) return well('node', `Node ${version}`);
  return bad('node', fault, 'start it with npx worksteal, or npm start');
}

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

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WorkstealError) return undefined;
    throw error;
  }
}

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof WorkstealError) return error.message;
    throw error;
  }
}
