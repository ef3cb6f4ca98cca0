/** Alpaca as a broker that a fleet can use: live, paper, or the paper exchange of this project. */
import { issueWords } from '../../rules/issue-words.ts';
import type { BrokerAdapter, BrokerSettings } from '../adapter.ts';
import { AlpacaBroker } from './alpaca.ts';
import { ALPACA_SCHEMA, ALPACA_VARIABLES } from './variables.ts';

const KEYS = ['APCA_API_KEY_ID', 'APCA_API_SECRET_KEY'] as const;

export const alpaca: BrokerAdapter = {
  variables: ALPACA_VARIABLES,
  read(env, needsKeys) {
    const parsed = ALPACA_SCHEMA.safeParse(env, { error: issueWords });
    const url = env['APCA_API_BASE_URL'] ?? ALPACA_VARIABLES.APCA_API_BASE_URL;
    const host = URL.canParse(url) ? new URL(url).host : 'APCA_API_BASE_URL';
    const missing = needsKeys ? KEYS.filter((name) => (env[name] ?? '').trim() === '') : [];
    const faults = missing.map(
      (name) => `${name}: is missing; the broker at ${host} needs a key and its secret`,
    );
    for (const issue of parsed.error?.issues ?? []) faults.push(`${issue.path.join('.')}: ${issue.message}`);
    if (!parsed.success || faults.length > 0) return { faults };
    const {
      APCA_API_BASE_URL: tradingUrl,
      APCA_API_DATA_URL: dataUrl,
      APCA_API_KEY_ID: keyId,
      APCA_API_SECRET_KEY: secretKey,
    } = parsed.data;
    return {
      settings: {
        address: tradingUrl,
        market: marketOf(new URL(tradingUrl).hostname),
        keepsRealTime: new URL(tradingUrl).hostname.endsWith('alpaca.markets'),
        open: (parts) => new AlpacaBroker({ tradingUrl, dataUrl, keyId, secretKey, ...parts }),
      },
    };
  },
};

/** Every host of Alpaca's but the one for paper counts as live. */
function marketOf(hostname: string): BrokerSettings['market'] {
  if (hostname === 'paper-api.alpaca.markets') return 'paper';
  return hostname === 'alpaca.markets' || hostname.endsWith('.alpaca.markets') ? 'live' : 'private';
}
