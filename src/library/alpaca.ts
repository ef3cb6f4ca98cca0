/** Alpaca as the broker of a bot. */
import type { OpenBroker } from '../broker/adapter.ts';
import { alpaca as adapter } from '../broker/alpaca/adapter.ts';
import { WorkstealError } from '../domain/errors.ts';

/** Where Alpaca is, and the keys of the account there. */
export type AlpacaOptions = {
  /** Default: APCA_API_KEY_ID. */
  keyId?: string;
  /** Default: APCA_API_SECRET_KEY. */
  secretKey?: string;
  /** Of orders: paper, live, or the paper exchange. Default: APCA_API_BASE_URL, or paper. */
  url?: string;
  /** Market data. Default: APCA_API_DATA_URL, or Alpaca's own. */
  dataUrl?: string;
};

/**
 * Alpaca, for `connect({ broker: alpaca() })`.
 * @throws WorkstealError `settings` for missing keys and malformed addresses
 */
export function alpaca({ keyId, secretKey, url, dataUrl }: AlpacaOptions = {}): OpenBroker {
  const given = {
    APCA_API_KEY_ID: keyId,
    APCA_API_SECRET_KEY: secretKey,
    APCA_API_BASE_URL: url,
    APCA_API_DATA_URL: dataUrl,
  };
  const variables = Object.entries(given).map(([name, value]) => [name, value ?? process.env[name]]);
  const read = adapter.read(Object.fromEntries(variables.filter(([, value]) => value)), true);
  if ('settings' in read) return read.settings.open;
  throw new WorkstealError('settings', `alpaca: ${read.faults.join('; ')}`);
}
