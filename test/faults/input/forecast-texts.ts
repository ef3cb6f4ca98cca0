/** Valid forecast texts in each format, to be corrupted. */
import type { Format } from '../../../src/planner/forecasts/read-rows.ts';

const ROWS = [
  {
    symbol: 'AAPL',
    side: 'buy',
    limit: '230.10',
    quantity: '10',
    pnl: '12.5',
    fill_probability: '0.4',
    mode: 'normal',
    take_profit: '240',
    expiry: 'close',
  },
  {
    symbol: 'BTC/USD',
    side: 'sell',
    limit: '95000.5',
    quantity: '0.25',
    pnl: '-3',
    mode: 'probe',
    take_profit: '9e4',
    expiry: '4h',
  },
  {
    symbol: 'MSFT',
    side: 'buy',
    limit: '410',
    notional: '5000',
    pnl: '1e1',
    expiry: '2025-01-16T15:00:00-05:00',
    strategy: 'other',
  },
  { symbol: 'ETHUSD', limit: '2500', notional: '100.55', expiry: '1d12h' },
  { symbol: 'NVDA', limit: '140', quantity: '3' },
] as const;

const COLUMNS = [
  'symbol',
  'side',
  'limit',
  'quantity',
  'notional',
  'pnl',
  'fill_probability',
  'mode',
  'take_profit',
  'expiry',
  'strategy',
] as const;

const csv = [
  COLUMNS,
  ...ROWS.map((row) => COLUMNS.map((column) => (row as Record<string, string>)[column] ?? '')),
]
  .map((cells) => cells.join(','))
  .join('\n');

export const RIGHT_FORECASTS: Readonly<Record<Format, string>> = {
  csv: `${csv}\n"KO",sell,"60.5",4,,,,,,,\n`,
  json: JSON.stringify([...ROWS, { ticker: 'KO', price: 60.5, qty: 4, pnl: null }], null, 1),
  jsonl: [...ROWS, { symbol: 'KO', limit: 60.5, quantity: 4 }]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(''),
};
