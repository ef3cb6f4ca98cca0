/** Variables that look like settings of a process and are none. It loads no broker: every command asks. */
import { RULE_VARIABLES } from '../rules/settings.ts';
import { nearestName, unknownNames } from '../rules/unknown-names.ts';
import { BROKER_VARIABLES } from './broker-variables.ts';
import { FLEET_SCHEMA } from './fleet-schema.ts';

/** What docker-compose.yml and the examples of docs/bots.md read, and our processes do not. */
const OTHERS_VARIABLES = [
  ...['WORKSTEAL_IMAGE', 'WORKSTEAL_GATEWAY_PORTS', 'WORKSTEAL_SEED', 'WORKSTEAL_JUDGE_WINDOW_MS'],
  ...['WORKSTEAL_API', 'WORKSTEAL_TOKEN'],
];

const OF_BROKERS = Object.values(BROKER_VARIABLES).flatMap((variables) => Object.keys(variables));

/**
 * Sentences about WORKSTEAL_* variables that no process reads (WORKSTEAL_CONFIG names the file of rules,
 * settings-file.ts), and about others that are nearly an address or a key which is missing: they may belong
 * to another program.
 */
export function unknownFleetVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...Object.keys(FLEET_SCHEMA.shape), ...OF_BROKERS, 'WORKSTEAL_CONFIG'];
  const isOurs = (name: string): boolean => {
    if (OTHERS_VARIABLES.includes(name)) return false;
    const upper = name.toUpperCase();
    if (upper.startsWith('WORKSTEAL_')) return true;
    if (!/^(REDIS|APCA)_/.test(upper)) return false;
    const meant = nearestName(name, ['REDIS_URL', ...OF_BROKERS]);
    return meant !== undefined && !env[meant];
  };
  return unknownNames(env, isOurs, known, RULE_VARIABLES);
}
