import { word } from './fields.ts';

/** Whether what a steal comes to may still change (docs/rules.md, 9.9). */
export const WATCH = word('on: it is watched, so regret and gain may change; lost: with a damaged ledger', [
  'on',
  'over',
  'lost',
]);
