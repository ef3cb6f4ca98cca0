import { describe, expect, it } from 'vitest';
import { readFleetSettings } from '../../src/fleet/fleet-settings.ts';

const REDIS_URL = 'redis://127.0.0.1:6379';

describe('WORKSTEAL_LEDGER_SPEED', () => {
  it('is refused at a broker that keeps real time', () => {
    expect(() => readFleetSettings({ REDIS_URL, WORKSTEAL_LEDGER_SPEED: '60' })).toThrow(
      /WORKSTEAL_LEDGER_SPEED: .*alpaca\.markets.* keeps real time/,
    );
  });

  it('is taken at any other, and is left alone where nobody gives it', () => {
    const exchange = { REDIS_URL, APCA_API_BASE_URL: 'http://127.0.0.1:4010' };
    expect(readFleetSettings({ ...exchange, WORKSTEAL_LEDGER_SPEED: '60' }).ledgerSpeed).toBe(60);
    expect(readFleetSettings(exchange).ledgerSpeed).toBeUndefined();
  });
});

describe('The keys of the broker', () => {
  it('are missed by a process that talks to it, beside its other faults', () => {
    const read = () => readFleetSettings({ REDIS_URL, APCA_API_KEY_ID: ' ', WORKSTEAL_LEASE_MS: 'x' }, true);
    expect(read).toThrow(
      /_KEY_ID: is missing; the broker at paper-api\.alpaca.*\n.*_SECRET_KEY: is missing.*\n.*_LEASE_MS/,
    );
    expect(() => readFleetSettings({ REDIS_URL })).not.toThrow();
  });
});

describe('WORKSTEAL_BROKER', () => {
  it('names one of the adapters, whose own faults are told with the others', () => {
    const fault = { REDIS_URL, APCA_API_BASE_URL: 'nowhere', WORKSTEAL_LEASE_MS: 'x' };
    expect(() => readFleetSettings(fault)).toThrow(/APCA_API_BASE_URL: .*\n.*WORKSTEAL_LEASE_MS: /);
    expect(() => readFleetSettings({ REDIS_URL, WORKSTEAL_BROKER: 'nobody' })).toThrow(
      /WORKSTEAL_BROKER: .*alpaca/,
    );
  });
});

describe('WORKSTEAL_PARTIAL_ENTRY', () => {
  it('is to cancel the rest unless it is given', () => {
    expect(readFleetSettings({ REDIS_URL }).partialEntry).toBe('cancel');
    expect(readFleetSettings({ REDIS_URL, WORKSTEAL_PARTIAL_ENTRY: 'rest' }).partialEntry).toBe('rest');
    expect(() => readFleetSettings({ REDIS_URL, WORKSTEAL_PARTIAL_ENTRY: 'wait' })).toThrow(
      /WORKSTEAL_PARTIAL_ENTRY: /,
    );
  });
});

describe('WORKSTEAL_METRICS_PORT', () => {
  it('is none unless it is given, and 0 is one', () => {
    expect(readFleetSettings({ REDIS_URL })).toMatchObject({
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
    });
    expect(readFleetSettings({ REDIS_URL, WORKSTEAL_METRICS_PORT: '' }).metricsPort).toBeUndefined();
    expect(readFleetSettings({ REDIS_URL, WORKSTEAL_METRICS_PORT: '0' }).metricsPort).toBe(0);
  });

  it.each(['-1', '65536', '9464.5', 'any', '0x10', '1e3', ' ', '+1'])('can not be %s', (port) => {
    expect(() => readFleetSettings({ REDIS_URL, WORKSTEAL_METRICS_PORT: port })).toThrow(
      /WORKSTEAL_METRICS_PORT: /,
    );
  });
});

describe('names and addresses', () => {
  it('are explained without a pattern', () => {
    const env = { REDIS_URL, WORKSTEAL_HOST: 'a b', APCA_API_BASE_URL: '127.0.0.1:4555' };
    expect(() => readFleetSettings(env)).toThrow(
      'invalid settings:\n' +
        '  APCA_API_BASE_URL: "127.0.0.1:4555" must be an address such as https://host:port\n' +
        '  WORKSTEAL_HOST: "a b" must be 1 to 64 of A-Z, a-z, 0-9, _ and -',
    );
  });
});

describe('numbers', () => {
  it.each(['0x400', '1e4', ' ', '1000 ', '+1000', '0b1', '1_000', '9007199254740993'])(
    'are not written "%s"',
    (text) => {
      expect(() =>
        readFleetSettings({ REDIS_URL, WORKSTEAL_LEASE_MS: text, WORKSTEAL_SYNC_MS: text }),
      ).toThrow(/WORKSTEAL_LEASE_MS: ".+" is not a whole number\n.*SYNC_MS: ".+" is not a whole number/);
      const exchange = { REDIS_URL, APCA_API_BASE_URL: 'http://127.0.0.1:4010' };
      expect(() => readFleetSettings({ ...exchange, WORKSTEAL_LEDGER_SPEED: text })).toThrow(
        /WORKSTEAL_LEDGER_SPEED: is not a decimal/,
      );
    },
  );
});

describe('WORKSTEAL_QUOTE_MAX_SPREAD', () => {
  it('is 5 % unless it is given, and a share', () => {
    expect(readFleetSettings({ REDIS_URL }).maxSpread).toBe(0.05);
    expect(readFleetSettings({ REDIS_URL, WORKSTEAL_QUOTE_MAX_SPREAD: '0.2' }).maxSpread).toBe(0.2);
  });

  it.each(['0', '-1', '5%', '3', 'wide'])('can not be %s', (text) => {
    expect(() => readFleetSettings({ REDIS_URL, WORKSTEAL_QUOTE_MAX_SPREAD: text })).toThrow(
      /WORKSTEAL_QUOTE_MAX_SPREAD: /,
    );
  });
});

describe('What may be in flight after a loss', () => {
  it('ends after a lease and a request', () => {
    const own = { REDIS_URL, WORKSTEAL_LEASE_MS: '2000', WORKSTEAL_REQUEST_TIMEOUT_MS: '1000' };
    expect(readFleetSettings(own).inFlightMs).toBe(3_000);
  });
});
