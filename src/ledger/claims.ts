/**
 * A broker's account has one name per Redis: two ledgers of the same account would each offer its whole room.
 * The claim `ws:{number}:claim` holds that name. It is not one of the account's keys: on a Cluster it is in
 * the slot of the number, so that all names compete for the same key.
 */
import type { Redis } from 'ioredis';
import { WorkstealError } from '../domain/errors.ts';
import { readAddress } from '../redis/address.ts';
import { connect } from '../redis/connect.ts';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

const ANSWER_LIMIT_MS = 5_000;

/** The key of the claim on the broker's account with this number. */
export function claimKey(number: string): string {
  return key(number, 'claim');
}

/** The message for a process with the API keys of another account than the ledger's. */
export function otherAccount(name: string, number: string, bound: string): string {
  return `the keys are of account ${number}, the ledger ${name} is kept for account ${bound}`;
}

/** The message for a second name of the same account. */
export function keptElsewhere(number: string, name: string): string {
  return (
    `${number} is kept as account ${name} on this Redis, and an account has one ledger: use one name only.` +
    ` Stop the roles of the other (to give up ${name}: WORKSTEAL_ACCOUNT=${name} worksteal reopen account)`
  );
}

export class Claims {
  readonly #ledger: Ledger;
  readonly #url: string;
  #own: { number: string; redis: Redis } | undefined;

  /** @param url of the ledger's Redis: on a Cluster a claim needs its own connection */
  constructor(ledger: Ledger, url: string) {
    this.#ledger = ledger;
    this.#url = url;
  }

  /**
   * Claims the number for this account, unless another name has it.
   * @returns the name that has it
   * @throws WorkstealError `unavailable`
   */
  async claim(number: string): Promise<string> {
    const redis = this.#connection(number);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await answerOf('claim', redis.set(claimKey(number), this.#ledger.account, 'NX'));
      const holder = await answerOf('claim', redis.get(claimKey(number)));
      if (holder !== null) return holder;
    }
    throw new WorkstealError('unavailable', `the claim on ${number} was released twice while it was read`);
  }

  /** The name that has the number; undefined when none has. @throws WorkstealError `unavailable` */
  async holder(number: string): Promise<string | undefined> {
    return (await answerOf('claim', this.#connection(number).get(claimKey(number)))) ?? undefined;
  }

  /** Gives up this account's claim, if it has it. @throws WorkstealError `unavailable` */
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
