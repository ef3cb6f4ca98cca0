/**
 * The numbers of the ledger that doubles can't hold, against bigints: what an order is worth as it fades
 * (lua/include/worth.lua), and what a victim keeps (lua/include/wide.lua). Another seed: WORKSTEAL_SEED=n.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromNanos } from '../../src/domain/decimal.ts';
import { expand, INCLUDES } from '../../src/ledger/script-source.ts';
import { useRedis } from '../support/fixtures.ts';
import { worthOf } from '../support/worth.ts';
import { baseOf } from './book.ts';

const SEED = Number(process.env['WORKSTEAL_SEED'] ?? 20_261_129);
const MADE = 20_000;
const TOGETHER = 500;

const redis = useRedis();
let client: Redis;
beforeAll(() => {
  client = new Redis(redis.url);
});
afterAll(() => client.quit());

/** Runs `body` once for every `width` arguments; `body` returns text. */
async function inLua(name: string, width: number, body: string, args: bigint[][]): Promise<bigint[]> {
  const text = [
    ...expand(join(INCLUDES, `${name}.lua`), [INCLUDES]).map(({ text }) => text),
    'local answers = {}',
    `for at = 1, #ARGV, ${width} do`,
    `local a, b, c = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])`,
    `answers[#answers + 1] = (function() ${body} end)()`,
    'end',
    'return answers',
  ].join('\n');
  const answers: bigint[] = [];
  for (let from = 0; from < args.length; from += TOGETHER) {
    const some = args.slice(from, from + TOGETHER).flat();
    answers.push(...((await client.call('EVAL', text, 0, ...some.map(String))) as string[]).map(BigInt));
  }
  return answers;
}

const sample = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { numRuns: MADE, seed: SEED });

describe('what an order is worth', () => {
  const pnl = fc.oneof(
    fc.bigInt({ min: 1n, max: 10n ** 15n }),
    fc.bigInt({ min: 10n ** 15n - 1000n, max: 10n ** 15n }),
    fc.bigInt({ min: 1n, max: 1000n }),
    fc.constantFrom(10n ** 9n, 20n * 10n ** 9n),
  );
  const halfLife = fc.oneof(
    fc.bigInt({ min: 1n, max: 1000n }),
    fc.constantFrom(1_800_000n, 3_540_000n),
    fc.bigInt({ min: 1n, max: 31_536_000_000n }),
  );
  const age = fc.oneof(
    fc.bigInt({ min: 0n, max: 10_000n }),
    fc.bigInt({ min: 0n, max: 10n ** 8n }),
    fc.bigInt({ min: 0n, max: 10n ** 12n }),
  );
  const cases = sample(fc.tuple(pnl, age, halfLife)).map(([one, two, three]) => [one, two, three] as const);
  const expected = cases.map(([one, two, three]) => worthOf(one, Number(two), Number(three)));

  it(`is the same to the nano in Lua, in ${MADE} cases`, async () => {
    const body = "now_ms = b; return string.format('%.0f', worth_of(a, 0, c))";
    expect(
      await inLua(
        'worth',
        3,
        body,
        cases.map((one) => [...one]),
      ),
    ).toEqual(expected);
  });

  it('is so by the longer way, too, that a double seldom makes necessary', async () => {
    const longer = cases
      .slice(0, MADE / 10)
      .map((one, at) => ({ one, worth: expected[at] as bigint }))
      .filter(({ one: [, two, three] }) => two % three !== 0n && two / three < 50n);
    const body =
      'local halvings = math.floor(b / c) ' +
      "return string.format('%.0f', faded_exactly(a, halvings, b - halvings * c, c))";
    const answers = await inLua(
      'worth',
      3,
      body,
      longer.map(({ one }) => [...one]),
    );
    expect(answers).toEqual(longer.map(({ worth }) => worth));
    expect(answers.length).toBeGreaterThan(MADE / 100);
  });
});

describe('what an order is expected to earn', () => {
  it(`is the same to the nano in Lua, in ${MADE} cases`, async () => {
    const pnl = fc.oneof(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.bigInt({ min: -1000n, max: 1000n }),
    );
    const probability = fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fc.constantFrom(0n, 1n, 5n * 10n ** 8n, 10n ** 9n - 1n, 10n ** 9n),
    );
    const cases = sample(fc.tuple(pnl, probability)).map(([a, b]) => [a, b]);
    const body =
      "return string.format('%.0f', base_of(a, string.format('%d.%09.0f', b / 1e9, b % 1e9), " +
      "{ policy = 'expected' }))";
    expect(await inLua('worth', 2, body, cases)).toEqual(
      cases.map(([pnl = 0n, probability = 0n]) => baseOf('expected', textsOf(pnl, probability))),
    );
  });
});

function textsOf(pnl: bigint, probability: bigint): { pnl: string; fillProbability: string } {
  return { pnl: fromNanos(pnl), fillProbability: fromNanos(probability) };
}

describe('a quotient of products', () => {
  it(`is rounded down exactly, in ${MADE} cases`, async () => {
    const whole = (most: bigint) =>
      fc.oneof(fc.bigInt({ min: 1n, max: most }), fc.bigInt({ min: 1n, max: 1000n }), fc.constant(most));
    const most = 2n ** 53n - 1n;
    const cases = sample(fc.tuple(whole(most), whole(most), whole(most)));
    const body = `
      local quotient = wide_over(wide_times(wide(a), wide(b)), wide(c))
      local text = string.format('%.0f', quotient[#quotient])
      for i = #quotient - 1, 1, -1 do text = text .. string.format('%07.0f', quotient[i]) end
      return text`;
    expect(
      await inLua(
        'wide',
        3,
        body,
        cases.map((one) => [...one]),
      ),
    ).toEqual(cases.map(([a, b, c]) => (a * b) / c));
  });

  it('comes apart into whole units and nanos', async () => {
    const cases = sample(
      fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 999_999_999n })),
    );
    const body = `
      local whole, rest = quantity_of_wide(wide_quantity(a, b))
      return string.format('%.0f%09.0f', whole, rest)`;
    expect(
      await inLua(
        'wide',
        2,
        body,
        cases.map((one) => [...one]),
      ),
    ).toEqual(cases.map(([a, b]) => a * 10n ** 9n + b));
  });
});
