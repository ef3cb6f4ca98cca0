/** Prices that jump, and what a short sale may cost (decisions 23, 27). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const JUMPS = `${LEDGER}/jumps.test.ts`;
const SHORTS = `${LEDGER}/shorts.test.ts`;
const MANY = `${LEDGER}/many-prices.test.ts`;

export const PRICE_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/include/refreshing.lua', MANY, [
    [
      'one of few symbols that cool down becomes a victim by its price',
      'if tonumber(protected[i + 1]) > now_ms then',
      'if false then',
      'where few do',
    ],
    [
      'one of many symbols that cool down becomes a victim by its price',
      'if until_ms and tonumber(until_ms) > now_ms then',
      'if false then',
      'where many symbols do',
    ],
    [
      'a price that is old makes a victim',
      "redis.call('SISMEMBER', PREFIX .. 'stale', symbol) == 1",
      'false',
      'whose price is fresh',
    ],
  ]),
  ...mutationsOf('lua/include/told-prices.lua', MANY, [
    ['a symbol that is named twice counts twice', 'if not i then', 'do', 'that is named twice'],
    ['a number may end with its point', 'and not is_open then', 'then', 'where one is no price'],
  ]),
  ...mutationsOf('lua/tick.lua', JUMPS, [
    ['a jump counts as near', 'jump_nanos / 1e9 * 0.999999', 'jump_nanos / 1e8', 'is doubted beyond it'],
  ]),
  ...mutationsOf('lua/include/jumps.lua', JUMPS, [
    [
      'a price that jumps is believed at once',
      'if not base or is_within(price, base, share_nanos) then return false end',
      'do return false end',
      'is doubted beyond it',
    ],
    [
      'the same print, told again, confirms a jump',
      'if at_ms - doubted_ms < CONFIRM_MS then return true end',
      '',
      'not by its own repetition',
    ],
    [
      'any other jump confirms a jump',
      'if doubted and is_within(price, doubted, share_nanos) then',
      'if doubted then',
      'does not confirm another jump',
    ],
    ['a price of yesterday doubts what comes', 'age_ms > LAST_PRICE_MS or ', '', 'is older than ten minutes'],
  ]),
  ...mutationsOf('lua/tick.lua', JUMPS, [
    [
      'the last price is forgotten with the quote',
      "redis.call('HSET', PREFIX .. 'lost_prices', symbol, (string.match(quote, '%d+ %d+$')))",
      '',
      'is held against the last price',
    ],
  ]),
  ...mutationsOf('lua/include/doubted.lua', JUMPS, [
    [
      'a doubt stays after a later price was believed',
      'tonumber(at) < base_ms or ',
      '',
      'is forgotten once a later price was believed',
    ],
  ]),
  ...mutationsOf('lua/include/shorts.lua', SHORTS, [
    [
      'a short sale counts at its limit',
      'math.max(limit_nanos, price + margin + (inexact and 1 or 0))',
      'limit_nanos',
      'needs the last price and 3 % more',
    ],
    [
      'a short sale counts without its margin',
      'price + margin + (inexact and 1 or 0)',
      'price',
      'needs the last price and 3 % more',
    ],
    [
      'a short sale whose limit is above the market counts at the market',
      'math.max(limit_nanos, price',
      'math.max(0, price',
      'needs its limit where that is higher',
    ],
    [
      'a short sale goes by a stale price',
      ' or not is_fresh(at, settings.quote_max_age_ms) then return nil, at end',
      ' then return nil, at end',
      'is refused without a fresh price',
    ],
    [
      'a short sale goes by the price before a jump',
      'if not is_there then return nil, at, doubted end',
      '',
      'while a price above the last is in doubt',
    ],
    [
      'a short sale at the broker goes by the price before a jump',
      '    price = doubted\n',
      '',
      'counts at a price that is in doubt',
    ],
  ]),
  ...mutationsOf('lua/submit.lua', SHORTS, [
    [
      'a short sale is not judged again before it is sent',
      'if is_short_sale(order) then',
      'if false then',
      'takes more room where the price rose',
    ],
    [
      'a short sale takes more room only in total',
      "hold(order, need, order.pool == '' and 0 or need,",
      'hold(order, need, order.held_pool_micros,',
      'takes more room where the price rose',
    ],
    [
      'a short sale is sent without the room that it lacks',
      "room('total') < more",
      "room('total') < 0",
      'is not sent where',
    ],
  ]),
  ...mutationsOf('lua/amend.lua', SHORTS, [
    [
      'a short sale whose limit a person lowers counts at that',
      'amended.hold_nanos = int(price_of(order))',
      '',
      'a short sale whose limit a person lowers',
    ],
  ]),
  ...mutationsOf('lua/adopt.lua', SHORTS, [
    [
      'a short sale that is found counts at its limit',
      'short_price(args.symbol, args.limit, true)\n  or args.limit',
      'args.limit',
      'a short sale found at the broker',
    ],
  ]),
];
