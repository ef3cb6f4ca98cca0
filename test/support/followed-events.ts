/** A client of an API server that follows an account's events, and the judgement on what it got. */
import { expect } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { startTestApi, type TestApi } from './api.ts';
import type { TestAccount } from './ledger.ts';
import { SseClient } from './sse-client.ts';
import { streamFaults } from './stream-faults.ts';

const LIMIT = { timeout: 60_000 };

export class FollowedEvents {
  readonly #ledger: Ledger;
  readonly #api: TestApi;
  readonly #client: SseClient;

  private constructor(ledger: Ledger, api: TestApi, client: SseClient) {
    this.#ledger = ledger;
    this.#api = api;
    this.#client = client;
  }

  /** It follows when this resolves. */
  static async open(redisUrl: string, account: string): Promise<FollowedEvents> {
    const ledger = await openLedger(redisUrl, account);
    const api = await startTestApi(redisUrl, [{ ledger, name: account } as TestAccount]);
    const client = new SseClient(() => `${api.url}/v1/accounts/${account}/events`, api.token.read);
    await expect.poll(() => client.of('hello').length, LIMIT).toBeGreaterThan(0);
    return new FollowedEvents(ledger, api, client);
  }

  /** Reasons why events may have been missed, as it was told. */
  get resets(): unknown[] {
    return this.#client.of('reset').map(({ data }) => data['reason']);
  }

  /** Resolves when it was told of such an event of this order. */
  async hears(type: string, order: string): Promise<void> {
    const isIt = (fields: unknown): boolean => (fields as Record<string, unknown>)['order'] === order;
    await expect.poll(() => this.#client.of(type).some(({ data }) => isIt(data['fields'])), LIMIT).toBe(true);
  }

  /** Every event came once and in order, or a reset was told in between; and it is up to date. */
  async isWhole(): Promise<void> {
    const { redis, account } = this.#ledger;
    const look = async (): Promise<string[]> => {
      const all = (await redis.xrange(key(account, 'events'), '-', '+')).map(([id]) => id);
      return streamFaults('client', this.#client.frames, all);
    };
    // An event that was written just now is on its way.
    await expect.poll(look, LIMIT).toEqual([]);
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#api.close();
    await this.#ledger.close();
  }
}
