/** Names that are nearly a setting's: everywhere a warning, with the name that was meant. */
import { describe, expect, it } from 'vitest';
import { LIKE_A_SETTING, unknownVariables } from '../../../src/cli/unknown-variables.ts';
import { BROKER_VARIABLES } from '../../../src/fleet/broker-variables.ts';
import { FLEET_SCHEMA } from '../../../src/fleet/fleet-schema.ts';
import { unknownFleetVariables } from '../../../src/fleet/unknown-variables.ts';
import { parseSettingsFile } from '../../../src/rules/setting-file.ts';
import { RULE_VARIABLES, readSettings } from '../../../src/rules/settings.ts';

describe('a variable that is nearly a setting', () => {
  it.each([
    ['WORK_STEALING_TOLERANC', 'WORK_STEALING_TOLERANCE'],
    ['WORKSTEALING_COOLDOWN', 'WORK_STEALING_COOLDOWN'],
    ['CRYPTO_SYMBOL', 'CRYPTO_SYMBOLS'],
    ['NYSE_CLOSURE', 'NYSE_CLOSURES'],
    ['WORK_STEAL_TOLERANCE', 'WORK_STEALING_TOLERANCE'],
    ['work_stealing_tolerance', 'WORK_STEALING_TOLERANCE'],
  ])('%s is told in the environment, with %s', (name, meant) => {
    expect(readSettings({ [name]: '1' }).warnings).toEqual([
      `${name} is not a setting and has no effect; did you mean ${meant}?`,
    ]);
  });

  it.each([
    ['WORKSTEAL_ACOUNT', 'did you mean WORKSTEAL_ACCOUNT?'],
    ['WORKSTEAL_SYNC', 'did you mean WORKSTEAL_SYNC_MS?'],
    ['WORKSTEAL_TOLERANCE', 'did you mean WORK_STEALING_TOLERANCE?'],
    ['worksteal_account', 'did you mean WORKSTEAL_ACCOUNT?'],
    ['REDIS_URI', 'did you mean REDIS_URL?'],
    ['APCA_API_KEY', 'did you mean APCA_API_KEY_ID?'],
    ['WORKSTEAL_COLOUR_OF_THE_SKY', '`worksteal config` lists the names'],
  ])('%s is told of a process: %s', (name, hint) => {
    expect(unknownFleetVariables({ [name]: '1' })).toEqual([
      `${name} is not a setting and has no effect; ${hint}`,
    ]);
  });

  it.each([
    'WORK_STEALING_TOLERANC',
    'WORKSTEAL_ACOUNT',
    'worksteal_account',
    'APCA_API_KEY',
    'NYSE_CLOSURE',
  ])('%s is told by a command that was given its ledger alone', async (name) => {
    const env = { REDIS_URL: 'redis://127.0.0.1:1', WORKSTEAL_ACCOUNT: 'main', PATH: '/bin' };
    expect(await unknownVariables(env)).toEqual([]);
    expect(await unknownVariables({ ...env, [name]: '1' })).toEqual([
      expect.stringContaining(`${name} is not a setting and has no effect`),
    ]);
  });

  it('is looked for wherever a setting begins like it', () => {
    const ofBrokers = Object.values(BROKER_VARIABLES).flatMap((variables) => Object.keys(variables));
    for (const name of [...RULE_VARIABLES, ...Object.keys(FLEET_SCHEMA.shape), ...ofBrokers])
      expect(name).toMatch(LIKE_A_SETTING);
  });

  it('is a fault in a file, with what was meant', () => {
    expect(parseSettingsFile('rules.env', 'WORK_STEALING_TOLERANC=1').faults).toEqual([
      'rules.env:1 sets WORK_STEALING_TOLERANC, which is not a setting; ' +
        'did you mean WORK_STEALING_TOLERANCE?',
    ]);
  });

  it('is nobody else’s variable', () => {
    expect(readSettings({ CRYPTO_WALLET: 'x', WORK: 'y', PATH: 'z' }).warnings).toEqual([]);
    expect(unknownFleetVariables({ WORKSTEAL_ACCOUNT: 'a', WORKSTEAL_CONFIG: 'f', PATH: 'z' })).toEqual([]);
    // Of docker-compose.yml and of clients.
    expect(unknownFleetVariables({ WORKSTEAL_IMAGE: 'i', WORKSTEAL_API: 'a', WORKSTEAL_TOKEN: 't' })).toEqual(
      [],
    );
    // Another program's, beside ours.
    expect(unknownFleetVariables({ REDIS_URI: 'x', REDIS_URL: 'y', APCA_RETRY_MAX: '3' })).toEqual([]);
  });
});
