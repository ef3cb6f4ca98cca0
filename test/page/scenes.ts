/** Books to look at: a busy market, a quiet one, one of 5,000 orders. Made by the ledger's own commands. */
import { readClock } from '../../src/ledger/clock-reading.ts';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { filePlan } from '../../src/ledger/commands/plans.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import type { SyncedPosition } from '../../src/ledger/commands/sync.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { seededRandom } from '../../src/prices/random.ts';
import { fingerprint, readSettings } from '../../src/rules/settings.ts';
import { anOrder, type OrderBuilder, TEST_RULES, type TestAccount } from '../support/ledger.ts';

const DAY_MS = 86_400_000;
/** Of some day: 09:30 in New York. */
const SESSION_ENDS_MS = Date.parse('2025-01-15T14:30:00Z');
const HOSTS = [
  ['watch-a1', 'watch'],
  ['watch-a2', 'watch'],
  ['watch-b1', 'watch'],
  ['work-a1', 'work'],
  ['work-b1', 'work'],
  ['keep-a1', 'keep'],
  ['serve-a1', 'serve'],
] as const;

/** What the accounts of these scenes need: room for a few dozen orders. */
export const SCENE = { equity: '100000', env: { WORK_STEALING_LEVERAGE: '2' } } as const;

const SETTINGS = readSettings({ ...TEST_RULES, ...SCENE.env }).settings;

/** Symbol, limit, dollars held, forecast, and the price now as a distance from the limit in percent. */
type Line = readonly [symbol: string, limit: string, worth: number, pnl: string, away: number];

const WORKING: readonly Line[] = [
  ['DOGEUSD', '0.3871', 6_180, '14.2', 4.1],
  ['LINKUSD', '23.184', 8_940, '31.75', 2.35],
  ['SOLUSD', '187.42', 14_787, '48.1', 1.12],
  ['XRPUSD', '2.4410', 11_260, '52.6', 0.94],
  ['KO', '61.27', 9_412, '57.9', 0.71],
  ['PEP', '147.08', 7_804, '63.4', 0.58],
  ['AVAXUSD', '37.655', 10_275, '71.2', 0.47],
  ['AMD', '121.66', 12_320, '83.05', 0.43],
  ['ETHUSD', '3287.5', 14_409, '114.4', 0.36],
  ['NVDA', '138.92', 13_150, '128.7', 0.22],
  ['BTCUSD', '97412', 16_021, '152.9', 0.09],
];
const FILLED: readonly Line[] = [
  ['AAPL', '228.14', 18_640, '96.4', 0],
  ['GOOG', '191.83', 15_220, '74.9', 0],
  ['LTCUSD', '104.11', 9_880, '38.2', 0],
];
const THIEVES: readonly (readonly [thief: Line, victim: number])[] = [
  [['UNIUSD', '13.062', 6_000, '128.1', 0.04], 0],
  [['NYT', '51.94', 8_700, '163.7', 0.11], 1],
  [['TSLA', '411.05', 14_200, '241.2', 0.18], 2],
  [['META', '612.77', 11_000, '213.5', 0.07], 3],
];
/** One more, which has just begun. */
const LATEST: Line = ['AVGO', '231.42', 9_300, '188.3', 0.05];
const BLOCKED: readonly Line[] = [
  ['AMZN', '223.15', 9_100, '41.3', 0.04],
  ['MSFT', '424.58', 12_800, '55.4', 0.21],
  ['JPM', '243.9', 9_700, '88.8', 1.9],
  ['CRM', '331.2', 7_400, '71.1', 2.4],
  ['ORCL', '158.33', 8_800, '66.2', 3.2],
  ['DIS', '108.41', 6_900, '49.9', 3.9],
];
const NOT_TRIED: readonly Line[] = [
  ['ADBE', '417.3', 7_700, '60.1', 5.5],
  ['NFLX', '838.1', 9_300, '77.7', 6.1],
];

const builderOf = ([symbol, limit, worth, pnl]: Line, id: string): OrderBuilder =>
  anOrder(id).of(symbol).at(limit).worth(worth).pnl(pnl).by('watch-a1');

const priceOf = ([, limit, , , away]: Line): string => (Number(limit) * (1 + away / 100)).toPrecision(6);

const pricesOf = (lines: readonly Line[]): Record<string, string> =>
  Object.fromEntries(lines.map((line) => [line[0], priceOf(line)]));

/** A heartbeat of each process of a healthy fleet; the market is closed for most of a day. */
export async function heartbeats(ledger: Ledger): Promise<void> {
  const { nowMs } = await readClock(ledger);
  const session = {
    open: false,
    untilMs: SESSION_ENDS_MS + DAY_MS * Math.ceil((nowMs - SESSION_ENDS_MS) / DAY_MS),
  };
  for (const [host, role] of HOSTS)
    await noteHost(ledger, {
      host,
      role,
      fingerprint: fingerprint(SETTINGS),
      ...(role === 'watch' && { watching: { session, tiers: [], cryptos: [] } }),
    });
}

async function aFleet({ ledger }: TestAccount): Promise<void> {
  await heartbeats(ledger);
  await sweep(ledger, 100);
}

async function plan(account: TestAccount, [symbol, limit, worth, pnl]: Line, id: string): Promise<void> {
  const { wish } = builderOf([symbol, limit, worth, pnl, 0], id);
  await filePlan(account.ledger, {
    ...{ id, symbol, side: 'buy', mode: 'normal', limit, qty: wish.qty, pnl, pool: '', takeProfit: '' },
    ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'hourly' },
  });
}

/** A few orders, room left, nothing to take. */
export async function quietMarket(account: TestAccount): Promise<void> {
  const lines = WORKING.slice(8);
  await account.place(...lines.map((line, at) => builderOf(line, `quiet-${at}_1`)));
  await account.prices(pricesOf([...lines, ...NOT_TRIED]));
  for (const [at, line] of NOT_TRIED.entries()) await plan(account, line, `later-${at}`);
  await aFleet(account);
}

/**
 * A full account: fills, steals, cooldowns, plans refused for several reasons; some twenty minutes.
 * @returns its positions, for the next reconciliation
 */
export async function busyMarket(account: TestAccount): Promise<SyncedPosition[]> {
  const minute = async (): Promise<void> => {
    await account.advance(60_000);
    await account.sync(SCENE.equity, positions);
  };
  const positions: SyncedPosition[] = [];
  for (const [at, line] of FILLED.entries()) {
    const order = builderOf(line, `filled-${at}_1`);
    await account.place(order);
    await account.end(order.wish.id, 'filled', order.wish.qty);
    const costMicros = line[2] * 1_000_000;
    positions.push({ symbol: line[0], side: 'long', qty: order.wish.qty, costMicros, pool: '' });
    await minute();
  }
  const all = [...WORKING, ...THIEVES.map(([line]) => line), ...BLOCKED, ...NOT_TRIED];
  for (const [at, line] of WORKING.entries()) {
    await account.place(builderOf(line, `open-${at}_1`).plan(`open-${at}`));
    await minute();
  }
  await account.place(builderOf(['HOODUSD', '38.2', 310, '2.1', 0.8], 'probe-1_1').probing());
  for (const [at, [line, victim]] of THIEVES.entries()) {
    const id = `steal-${at}_1`;
    await account.prices(pricesOf(all));
    // A symbol that was stolen from comes back.
    if (at === 2) await account.place(builderOf(['LINKUSD', '22.91', 900, '33.4', 3.55], 'again-1_1'));
    // What the room that is left would hold goes to an order far away.
    const left = Math.floor((await account.room()) / 1e6) - 1_001;
    if (left > 500) await account.place(anOrder(`rest-${at}_1`).of('ZRXUSD').worth(left).pnl('900'));
    await account.steal(builderOf(line, id).plan(`steal-${at}`));
    await account.advance(2_000);
    await account.end(`open-${victim}_1`, 'cancelled');
    await account.send(id);
    await minute();
  }
  await account.prices({ ...pricesOf(all), HOODUSD: '38.5', ZRXUSD: '10.3' });
  for (const [at, line] of BLOCKED.entries()) {
    await plan(account, line, `wait-${at}`);
    await account.steal(builderOf(line, `wait-${at}_1`).plan(`wait-${at}`));
  }
  for (const [at, line] of NOT_TRIED.entries()) await plan(account, line, `later-${at}`);
  await aFleet(account);
  return positions;
}

/** A steal that has just begun: its victim is being cancelled. */
export async function oneMoreSteal(account: TestAccount): Promise<void> {
  await account.prices(pricesOf([LATEST]));
  await account.steal(builderOf(LATEST, 'latest-1_1').plan('latest-1'));
}

/** 5,000 small orders of 200 symbols. */
export async function manyOrders(account: TestAccount, count = 5_000): Promise<void> {
  const random = seededRandom(7);
  const symbols = Array.from({ length: 200 }, (_, at) => `S${String(at).padStart(3, '0')}`);
  const orders = Array.from({ length: count }, (_, at) =>
    anOrder(`many-${at}_1`)
      .of(symbols[at % symbols.length] as string)
      .at('50')
      .worth(10 + Math.floor(random.next() * 28))
      .pnl((random.next() * 90).toFixed(2)),
  );
  for (let at = 0; at < orders.length; at += 100) await account.place(...orders.slice(at, at + 100));
  await account.prices(
    Object.fromEntries(symbols.map((symbol) => [symbol, (50 * (1 + random.next() / 40)).toFixed(3)])),
  );
  await aFleet(account);
}
