import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, startFleet } from './compose.ts';

/** Runs in a container of a role: asks the exchange for the account. */
const ASK_EXCHANGE = `
  const { APCA_API_BASE_URL: url, APCA_API_KEY_ID: key, APCA_API_SECRET_KEY: secret } = process.env;
  fetch(url + '/v2/account', { headers: { 'APCA-API-KEY-ID': key, 'APCA-API-SECRET-KEY': secret } })
    .then(async (answer) => console.log(answer.status, (await answer.json()).status));
`;

describe('the compose file', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(['redis', 'exchange']);
  });
  afterAll(() => fleet?.down());

  it('names every role', async () => {
    const services = (await fleet.compose('config', '--services')).trim().split('\n').sort();
    expect(services).toEqual(['exchange', 'keep', 'plan', 'redis', 'watch', 'work']);
  });

  it('runs a Redis that keeps what it is told and never evicts', async () => {
    const settings = await fleet.compose('exec', '-T', 'redis', 'redis-cli', 'info');
    expect(settings).toMatch(/maxmemory_policy:noeviction/);
    expect(settings).toMatch(/aof_enabled:1/);
  });

  it('gives a role the exchange and its keys', async () => {
    // Started after the exchange answers its health check, as every role is.
    expect(await fleet.compose('run', '--rm', '-T', 'watch', 'node', '-e', ASK_EXCHANGE)).toMatch(/200 ACTIVE/);
  });
});
