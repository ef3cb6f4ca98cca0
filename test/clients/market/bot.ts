/**
 * A bot in a busy market: it enters near the price and far from it, by limit, at the market and for an amount
 * of money, replaces, cancels, and closes what it holds. What it draws at random is a matter of its seed.
 */

export type OpenOrder = { id: string; symbol: string; qty: number };

/** A client as a bot uses it: each call is one of the client's own. */
export type Client = {
  readonly name: string;
  readonly symbols: readonly string[];
  /** The step of its quantities; 1: whole shares. */
  readonly step: number;
  limit(symbol: string, qty: number, price: number): Promise<unknown>;
  market(symbol: string, side: 'buy' | 'sell', qty: number): Promise<unknown>;
  money(symbol: string, dollars: number): Promise<unknown>;
  open(): Promise<OpenOrder[]>;
  cancel(order: OpenOrder): Promise<unknown>;
  /** Another limit, and perhaps another quantity, in the place of the order's. */
  replace(order: OpenOrder, qty: number, price: number): Promise<unknown>;
  cancelAll(): Promise<unknown>;
  held(): Promise<{ symbol: string; qty: number }[]>;
  /** What the client's own error for a refusal says; undefined for any other error. */
  refusal(error: unknown): string | undefined;
};

/** How often each call succeeded, and what its refusals said. */
export type Report = { name: string; done: Record<string, number>; refusals: Record<string, number> };

export type Market = { price(symbol: string): number; random(): number };

const PAUSE_MS = 40;
const SMALL = 1_000;
const LARGE = 4_000;
/** More than the cap. */
const TOO_MUCH = 50_000;

/**
 * Trades until the signal aborts, and counts what it does.
 * @throws an error of the client that is no refusal
 */
export async function trade(
  client: Client,
  market: Market,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const count = (of: Record<string, number>, what: string): void => {
    of[what] = (of[what] ?? 0) + 1;
  };
  while (!signal.aborted) {
    const { what, call } = await next(client, market);
    try {
      if ((await call()) !== undefined) count(report.done, what);
    } catch (error) {
      const said = client.refusal(error);
      if (said === undefined) throw error;
      count(report.refusals, shortened(said));
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * market.random()));
  }
}

const LIQUIDATION_MS = 30_000;

/**
 * Cancels and sells everything, until there is nothing left.
 * @throws Error that names what is left, and why it could not be sold last, after 30 s
 */
export async function liquidate(client: Client): Promise<void> {
  const until = performance.now() + LIQUIDATION_MS;
  let last = 'none';
  const refused = (error: unknown): void => {
    const said = client.refusal(error);
    if (said === undefined) throw error;
    last = said;
  };
  for (;;) {
    await client.cancelAll();
    const held = (await client.held()).filter(({ symbol }) => client.symbols.includes(symbol));
    const open = await client.open();
    if (held.length + open.length === 0) return;
    if (performance.now() > until)
      throw new Error(`${client.name} has ${JSON.stringify({ held, open })} left; last refusal: ${last}`);
    for (const { symbol, qty } of held) await client.market(symbol, 'sell', qty).catch(refused);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

type Step = { what: string; call: () => Promise<unknown> };

async function next(client: Client, { price, random }: Market): Promise<Step> {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const symbol = pick(client.symbols) as string;
  const dollars = SMALL + random() * (LARGE - SMALL);
  const sized = (value: number): number =>
    Math.max(client.step, Math.round(value / price(symbol) / client.step) * client.step);
  const near = (share: number): number => price(symbol) * (1 - share * random());
  const far = (): number => price(symbol) * (0.99 - 0.01 * random());
  const draw = random();
  if (draw < 0.3) return { what: 'far', call: () => client.limit(symbol, sized(dollars), far()) };
  if (draw < 0.55) return { what: 'near', call: () => client.limit(symbol, sized(dollars), near(0.002)) };
  if (draw < 0.62) return { what: 'market', call: () => client.market(symbol, 'buy', sized(SMALL)) };
  if (draw < 0.69) return { what: 'money', call: () => client.money(symbol, SMALL) };
  if (draw < 0.71)
    return { what: 'too much', call: () => client.limit(symbol, sized(TOO_MUCH), near(0.002)) };
  if (draw < 0.73) return { what: 'cancel all', call: () => client.cancelAll() };
  if (draw < 0.83) {
    const order = pick(await client.open());
    return { what: 'cancel', call: async () => order && (await client.cancel(order)) };
  }
  if (draw < 0.88) {
    const order = pick((await client.open()).filter((one) => client.symbols.includes(one.symbol)));
    const limit = order === undefined ? 0 : price(order.symbol) * (1 - 0.015 * random());
    const qty = order === undefined ? 0 : Math.max(client.step, order.qty - client.step);
    return { what: 'replace', call: async () => order && (await client.replace(order, qty, limit)) };
  }
  const position = pick((await client.held()).filter((one) => client.symbols.includes(one.symbol)));
  return {
    what: 'close',
    async call() {
      if (position === undefined) return undefined;
      for (const order of await client.open())
        if (order.symbol === position.symbol) await client.cancel(order).catch(() => {}); // it may have ended
      return await client.market(position.symbol, 'sell', position.qty);
    },
  };
}

/** The words of a refusal without its numbers, names and ids. */
function shortened(said: string): string {
  return said.replace(/[0-9][0-9a-f.-]*/g, '#').slice(0, 90);
}
