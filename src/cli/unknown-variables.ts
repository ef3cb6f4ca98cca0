/** Variables that look like settings and are none: a wrong account or rule would be used without a word. */
import { unknownFleetVariables } from '../fleet/fleet-settings.ts';
import { type Env, unknownRuleVariables } from '../rules/settings.ts';

/** One sentence each. */
export function unknownVariables(env: Env): string[] {
  return [...unknownFleetVariables(env), ...unknownRuleVariables(env)];
}
