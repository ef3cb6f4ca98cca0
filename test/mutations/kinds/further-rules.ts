/** The rules that are off by default (docs/rules.md, 5.8, 5.9, 7.4, 9.7, 9.8). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const SCENARIOS = 'test/model/lua-scenarios.test.ts';
const EXACT = 'test/model/exact-numbers.test.ts';
const KEEPING = 'test/contract/ledger/keeping.test.ts';

export const FURTHER_RULES: readonly Mutation[] = [
  ...mutationsOf('lua/include/eligibility.lua', SCENARIOS, [
    [
      'an order exactly old enough is too young',
      'tonumber(order.created_at_ms) + least_age_ms end',
      'tonumber(order.created_at_ms) + least_age_ms + 1 end',
      'ledger decides as the scenario expects',
    ],
  ]),
  ...mutationsOf('lua/include/fights.lua', SCENARIOS, [
    [
      'a steal exactly as old as the window does not count for the often robbed',
      'settings.robbed_window_ms + 1',
      'settings.robbed_window_ms',
      'ledger decides as the scenario expects',
    ],
  ]),
  ...mutationsOf('lua/steal.lua', SCENARIOS, [
    [
      'a budget can not be spent to its end',
      'taken_micros + takes_micros <= budget_micros',
      'taken_micros + takes_micros < budget_micros',
      'ledger decides as the scenario expects',
    ],
  ]),
  ...mutationsOf('lua/include/kept.lua', SCENARIOS, [
    [
      'exactly the least share is too little to keep',
      'wide_times(all, wide(settings.partial_min_nanos))) < 0',
      'wide_times(all, wide(settings.partial_min_nanos))) <= 0',
      'ledger decides as the scenario expects',
    ],
  ]),
  ...mutationsOf('lua/include/worth.lua', EXACT, [
    [
      'a double decides what an order is worth',
      'if least == math.floor(about + margin) then return least end',
      'do return least end',
      'is the same to the nano in Lua',
    ],
  ]),
  ...mutationsOf('lua/include/keeping.lua', KEEPING, [
    [
      'a victim keeps its part of a steal that failed',
      "if left > 0 or steal[1] ~= 'granted' then return end",
      'if left > 0 then return end',
      'a thief that gave up leaves nothing',
    ],
    [
      'a victim keeps its part beyond a lowered cap',
      "local spare = math.min(room('total'), freed.freed_micros - tonumber(steal[3]))",
      'local spare = freed.freed_micros - tonumber(steal[3])',
      'a lowered cap takes the rest first',
    ],
  ]),
  ...mutationsOf('lua/renew.lua', KEEPING, [
    [
      'any host takes over what a victim keeps',
      'held[2] == args.owner or (held[4] and takes_over(ARGV[i], held[5]))',
      'held[2] == args.owner or held[4]',
      'another host that took over the plan',
    ],
  ]),
];
