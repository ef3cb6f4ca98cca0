/** Variables that look like settings and are none: a wrong account or rule would be used without a word. */
import type { Env } from '../rules/settings.ts';

/** What all commands read. Whoever sets nothing else does not wait for the tables of all settings. */
const READ_BY_ALL: readonly string[] = ['REDIS_URL', 'WORKSTEAL_ACCOUNT'];

/** How the names of all settings begin, and what may be meant as one. */
export const LIKE_A_SETTING = /^(WORK_?STEAL|REDIS_|APCA_|CRYPTO_|NYSE_)/i;

/** One sentence each. */
export async function unknownVariables(env: Env): Promise<string[]> {
  const mayBeOne = (name: string): boolean => LIKE_A_SETTING.test(name) && !READ_BY_ALL.includes(name);
  if (!Object.keys(env).some(mayBeOne)) return [];
  const { unknownFleetVariables } = await import('../fleet/unknown-variables.ts');
  const { unknownRuleVariables } = await import('../rules/settings.ts');
  return [...unknownFleetVariables(env), ...unknownRuleVariables(env)];
}
