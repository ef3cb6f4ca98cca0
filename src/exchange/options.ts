/** The exchange's options, from the command line or from a test. One error lists all faults. */
import { z } from 'zod';
import { isDecimal, toNanos } from '../domain/decimal.ts';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { issueWords } from '../rules/issue-words.ts';
import type { Pools } from './judge.ts';

const positive = z
  .string()
  .refine((text) => isDecimal(text) && toNanos(text) > 0n, 'must be a decimal above 0')
  .transform((text) => toNanos(text));

/** `crypto:1,stock:4` -> leverages in nanos. */
const pools = z.string().transform((text, context) => {
  const found = new Map<'crypto' | 'stock', bigint>();
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const match = /^(crypto|stock):(\d+(?:\.\d{1,9})?)$/.exec(part.trim());
    const leverage = match?.[2] === undefined ? 0n : toNanos(match[2]);
    if (!match || leverage <= 0n || found.has(match[1] as 'crypto' | 'stock')) {
      context.addIssue(`"${shown(part.trim())}" is not crypto:LEVERAGE or stock:LEVERAGE, each at most once`);
      return z.NEVER;
    }
    found.set(match[1] as 'crypto' | 'stock', leverage);
  }
  return found;
});

const NUMBER = /^[A-Za-z0-9_-]{1,64}$/;
const accountNumber = z.string().regex(NUMBER, 'must be 1 to 64 of A-Z, a-z, 0-9, _ and -');
const MAX_ACCOUNTS = 64;

type ListedAccount = { number: string; key: string; secret: string; equity: bigint | undefined };

/** `PA1:key:secret,PA2:key:secret:5000`. The message does not quote an invalid part: it contains a secret. */
const accounts = z.string().transform((text, context) => {
  const found: ListedAccount[] = [];
  for (const [at, part] of text.split(',').entries()) {
    if (text.trim() === '') break;
    const [number = '', key = '', secret = '', equity, ...more] = part.trim().split(':');
    const isWhole = NUMBER.test(number) && key !== '' && secret !== '' && more.length === 0;
    const isPaid = equity === undefined || (isDecimal(equity) && toNanos(equity) > 0n);
    if (
      !isWhole ||
      !isPaid ||
      found.some((one) => one.number === number || one.key === key) ||
      at >= MAX_ACCOUNTS
    ) {
      context.addIssue(
        `entry ${at + 1} is not NUMBER:KEY:SECRET[:EQUITY]; give each a different number and key, at ` +
          `most ${MAX_ACCOUNTS} entries`,
      );
      return z.NEVER;
    }
    found.push({ number, key, secret, equity: equity === undefined ? undefined : toNanos(equity) });
  }
  return found;
});

const schema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(8090),
  /** A folder of CSV bars to replay. Default: a synthetic market. */
  data: z.string().min(1).optional(),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  /** Market time at the start. Default: the first bar's, or now. */
  start: z.iso.datetime({ offset: true, error: 'must be an ISO time with a zone' }).optional(),
  speed: z.coerce.number().gt(0).max(100_000).default(1),
  equity: positive.prefault('100000'),
  leverage: positive.prefault('2'),
  pools: pools.prefault(''),
  /** The broker's own margin multiplier. Default: the leverage. */
  multiplier: positive.optional(),
  cryptoCash: z.boolean().default(false),
  buyingPower: z.boolean().default(true),
  partialRate: z.coerce.number().min(0).max(1).default(0.1),
  cancelDelay: z.coerce.number().int().min(0).max(3_600_000).default(20),
  replaceDelay: z.coerce.number().int().min(0).max(3_600_000).default(20),
  stockHours: z.enum(['always', 'session']).default('always'),
  /** Requests per minute and account; 0: no limit. */
  rateLimit: z.coerce.number().int().min(0).max(10_000_000).default(200),
  judgeWindow: z.coerce.number().int().min(0).max(3_600_000).default(10_000),
  log: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  secret: z.string().min(1).optional(),
  /** Default: a new one at every start. */
  accountNumber: accountNumber.optional(),
  accounts: accounts.prefault(''),
  tick: z.coerce.number().int().min(1).max(1000).default(20),
});

/** The options before parsing, all optional. `start` is ISO; delays, window and tick are real ms. */
export type ExchangeSettingsInput = z.input<typeof schema>;
export type ExchangeSettings = z.output<typeof schema>;

/** @throws WorkstealError `settings`, naming every faulty option. */
export function readExchangeSettings(input: unknown): ExchangeSettings {
  const parsed = schema.safeParse(input, { error: issueWords });
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${optionName(path.join('.'))}: ${message}`);
  if (parsed.success && (parsed.data.key === undefined) !== (parsed.data.secret === undefined))
    faults.push('--key and --secret: set both or neither');
  if (
    parsed.success &&
    parsed.data.accounts.length > 0 &&
    (parsed.data.key ?? parsed.data.accountNumber) !== undefined
  )
    faults.push(
      '--accounts: entries have their own numbers and keys; remove --account-number, --key and --secret',
    );
  if (!parsed.success || faults.length > 0)
    throw new WorkstealError('settings', `exchange: ${faults.join('; ')}`);
  return parsed.data;
}

/** The leverage of each pool in nanos: `total` first, then those of the option. */
export function poolsOf(settings: ExchangeSettings): Pools {
  return new Map([['total' as const, settings.leverage], ...settings.pools]);
}

function optionName(path: string): string {
  return `--${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
