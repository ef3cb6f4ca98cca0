import { SYMBOLS } from './market.ts';

/** Short rules, so that seconds are enough for cooldowns and fights to begin and end. */
export const RULES = {
  WORK_STEALING_LEVERAGE: '2',
  WORK_STEALING_POOLS: 'crypto:0.5',
  WORK_STEALING_COOLDOWN: '0.3',
  WORK_STEALING_FIGHT_WINDOW: '3',
  WORK_STEALING_FIGHT_COOLDOWN: '3',
  WORK_STEALING_HISTORY_TTL: '60',
  WORK_STEALING_VIP_SYMBOLS: 'SAB',
  CRYPTO_SYMBOLS: SYMBOLS.filter((symbol) => symbol.endsWith('USD')).join(','),
};
