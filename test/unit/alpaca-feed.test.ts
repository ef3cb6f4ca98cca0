/** The polling price feed, over a stand-in for the broker's quotes. */
import { describe, expect, it } from 'vitest';
import type { BrokerQuote } from '../../src/broker/port.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { PriceFeed } from '../../src/prices/feed.ts';

type Ask = (symbols: readonly string[], call: number) => Promise<BrokerQuote[]>;

/** Runs a feed until `until` rounds' worth of calls came; returns what was asked and told. */
async function runFeed(
  symbols: string[],
  calls: number,
  ask: Ask,
  onAsked: (feed: PriceFeed, call: number) => void = () => {},
) {
  const stop = new AbortController();
  const asked: string[][] = [];
  const told: BrokerQuote[][] = [];
  const errors: { error: unknown; failures: number }[] = [];
  let running = 0;
  let mostRunning = 0;
  const feed: PriceFeed = new PriceFeed({
    broker: {
      quotes: async (list) => {
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        asked.push([...list]);
        const call = asked.length;
        onAsked(feed, call);
        try {
          return await ask(list, call);
        } finally {
          running -= 1;
          if (call === calls) stop.abort();
        }
      },
    },
    intervalMs: 1,
    maxPauseMs: 4,
    onQuotes: (quotes) => void told.push([...quotes]),
    onError: (error, failures) => void errors.push({ error, failures }),
  });
  feed.follow(symbols);
  await feed.run(stop.signal);
  return { asked, told, errors, mostRunning };
}

const priced: Ask = async (symbols) => symbols.map((symbol) => ({ symbol, price: '1', ageMs: 0 }));

describe('The price feed', () => {
  it('asks for all symbols, round after round, in batches of 200 and one at a time', async () => {
    const symbols = Array.from({ length: 450 }, (_, at) => `S${at}`);
    const { asked, told, mostRunning } = await runFeed(symbols, 7, priced);
    expect(asked.map((batch) => batch.length)).toEqual([200, 200, 50, 200, 200, 50, 200]);
    expect(told).toHaveLength(6); // the signal came with the seventh
    expect(mostRunning).toBe(1);
  });

  it('follows a changed set from the next round on', async () => {
    const { asked } = await runFeed(['AAPL'], 3, priced, (feed, call) => {
      if (call === 1) feed.add('msft');
      if (call === 2) feed.remove('AAPL');
    });
    expect(asked).toEqual([['AAPL'], ['AAPL', 'MSFT'], ['MSFT']]);
  });

  it('survives errors, counts failed requests in a row, and starts anew after a success', async () => {
    const { errors, told } = await runFeed(['AAPL'], 5, async (symbols, call) => {
      if (call === 1 || call === 2 || call === 4) throw new WorkstealError('unclear', 'no answer');
      return priced(symbols, call);
    });
    expect(errors.map((entry) => entry.failures)).toEqual([1, 2, 1]);
    expect(told).toHaveLength(1);
  });

  it('a batch that fails costs the others nothing', async () => {
    const symbols = Array.from({ length: 201 }, (_, at) => `S${at}`);
    const { told, errors } = await runFeed(symbols, 3, async (list, call) => {
      if (list.length === 200) throw new WorkstealError('unclear', 'no answer');
      return priced(list, call);
    });
    expect(told.map((quotes) => quotes.length)).toEqual([1]);
    expect(errors.map((entry) => entry.failures)).toEqual([1]);
  });

  it("asks for stocks and cryptos apart: one market's failure leaves the other its prices", async () => {
    const { asked, told } = await runFeed(['AAPL', 'btc/usd', 'MSFT'], 3, async (symbols, call) => {
      if (symbols.includes('AAPL')) throw new WorkstealError('unclear', 'no answer');
      return priced(symbols, call);
    });
    expect(asked).toEqual([['AAPL', 'MSFT'], ['BTCUSD'], ['AAPL', 'MSFT']]);
    expect(told.flat().map((quote) => quote.symbol)).toEqual(['BTCUSD']);
  });

  it('finds the symbol that makes the broker refuse a batch, and leaves it out', async () => {
    const symbols = ['S1', 'S2', 'BAD', 'S3'];
    const { asked, told, errors } = await runFeed(symbols, 6, async (list, call) => {
      if (list.includes('BAD')) throw new WorkstealError('refused', 'invalid symbol: BAD', { status: '400' });
      return priced(list, call);
    });
    expect(asked).toEqual([symbols, ['S1', 'S2'], ['BAD', 'S3'], ['BAD'], ['S3'], ['S1', 'S2', 'S3']]);
    expect(told.flat().map((quote) => quote.symbol)).toEqual(['S1', 'S2', 'S3']);
    expect(errors).toHaveLength(1);
  });

  it('asks for a refused symbol again after a hundred rounds', async () => {
    const { asked } = await runFeed(['BAD', 'S1'], 103, async (list, call) => {
      if (list.includes('BAD')) throw new WorkstealError('refused', 'invalid symbol: BAD', { status: '400' });
      return priced(list, call);
    });
    const withBad = asked.flatMap((list, at) => (list.includes('BAD') ? [at] : []));
    expect(withBad).toEqual([0, 1, 102]);
  });

  it('tells once that a symbol has no price, and again when it had one in between', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    let calls = 0;
    const broker = {
      quotes: async (
        symbols: readonly string[],
        _: unknown,
        onUnpriced?: (symbol: string, why: string) => void,
      ) => {
        calls += 1;
        if (calls === 6) stop.abort();
        if (calls === 3) return symbols.map((symbol) => ({ symbol, price: '1', ageMs: 0 }));
        for (const symbol of symbols) onUnpriced?.(symbol, `no bid in round ${calls}`);
        return [];
      },
    };
    const onUnpriced = (symbol: string, why: string): void => void told.push(`${symbol}: ${why}`);
    const feed = new PriceFeed({ broker, intervalMs: 1, onQuotes: () => {}, onUnpriced, onError: () => {} });
    feed.follow(['GME']);
    await feed.run(stop.signal);
    expect(told).toEqual(['GME: no bid in round 1', 'GME: no bid in round 4']);
    expect([...feed.unpriced]).toEqual([['GME', 'no bid in round 6']]);
  });

  it('refuses what is no symbol, and too many, and keeps its set', () => {
    const feed = new PriceFeed({
      broker: { quotes: async () => [] },
      intervalMs: 1,
      onQuotes: () => {},
      onError: () => {},
    });
    feed.follow(['AAPL']);
    expect(() => feed.add('A B')).toThrow(WorkstealError);
    expect(() => feed.follow(Array.from({ length: 10_001 }, (_, at) => `S${at}`))).toThrow(/at most 10000/);
    expect([...feed.symbols]).toEqual(['AAPL']);
  });

  it('runs once at a time', async () => {
    const stop = new AbortController();
    const feed = new PriceFeed({
      broker: { quotes: async () => [] },
      intervalMs: 1,
      onQuotes: () => {},
      onError: () => {},
    });
    const first = feed.run(stop.signal);
    await expect(feed.run(stop.signal)).rejects.toMatchObject({ code: 'bug' });
    stop.abort();
    await first;
  });
});
