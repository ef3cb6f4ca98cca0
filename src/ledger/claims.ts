/**
 * One account of the broker's is kept under one name: its number is claimed once per Redis, or two ledgers
 * would each offer its whole room. The claim, `ws:{number}:claim`, holds the name. It is no key of the
 * account's: on a Cluster it lies in the slot of the number, so that all names compete for the same key.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { readAddress } from '../redis/address.ts';
import { connect } from '../redis/connect.ts';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

const ANSWER_LIMIT_MS = 5_000;

export function claimKey(number: string): string {
  return key(number, 'claim');
}

/** What a process with the keys of another account is told. */
export function otherAccount(name: string, number: string, bound: string): string {
  return `the keys are of account ${number}, the ledger ${name} is kept for account ${bound}`;
}

/** What a second name is told. */
export function keptElsewhere(number: string, name: string): string {
  return `${number} is kept as account ${name} on this Redis, and one account has one ledger: stop the roles of one of the two names (to give ${name} up: WORKSTEAL_ACCOUNT=${name} worksteal reopen account)`;
}

export class Claims {
  readonly #ledger: Ledger;
  readonly #url: string;
  #own: { number: string; redis: Redis } | undefined;

  /** @param url of the ledger's Redis: on a Cluster a claim has a connection of its own */
  constructor(ledger: Ledger, url: string) {
    this.#ledger = ledger;
    this.#url = url;
  }

  /**
   * Claims the number for this account unless it is claimed.
   * @returns under which name it is kept
   * @throws WorkstealError `unavailable`
   */
  async claim(number: string): Promise<string> {
    const redis = this.#connection(number);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await answerOf('claim', redis.set(claimKey(number), this.#ledger.account, 'NX'));
      const holder = await answerOf('claim', redis.get(claimKey(number)));
      if (holder !== null) return holder;
    }
    throw new WorkstealError('unavailable', `the claim of ${number} is given up again and again`);
  }

  /** Under which name it is kept; undefined: nobody claimed it. @throws WorkstealError `unavailable` */
  async holder(number: string): Promise<string | undefined> {
    return (await answerOf('claim', this.#connection(number).get(claimKey(number)))) ?? undefined;
  }

  /** Gives this account's claim up. @throws WorkstealError `unavailable` */
  async release(number: string): Promise<void> {
    const redis = this.#connection(number);
    if ((await answerOf('claim', redis.get(claimKey(number)))) === this.#ledger.account)
      await answerOf('claim', redis.del(claimKey(number)));
  }

  close(): void {
    this.#own?.redis.disconnect();
    this.#own = undefined;
  }

  #connection(number: string): Redis {
    if (readAddress(this.#url).kind !== 'cluster') return this.#ledger.redis;
    if (this.#own?.number === number) return this.#own.redis;
    this.close();
    const redis = connect(this.#url, number, {
      maxRetriesPerRequest: 1,
      commandTimeout: ANSWER_LIMIT_MS,
      lazyConnect: true,
    });
    redis.on('error', () => {});
    this.#own = { number, redis };
    return redis;
  }
}
