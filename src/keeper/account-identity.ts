/**
 * Checks which account of the broker's this is. A ledger belongs to one account, under one name
 * (docs/decisions/0018). Another account, or another name, closes it, and nothing is rebuilt.
 */
import type { BrokerAccount } from '../broker/port.ts';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { Claims, keptElsewhere, otherAccount } from '../ledger/claims.ts';
import { bind } from '../ledger/commands/bind.ts';
import { close } from '../ledger/commands/closures.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

export class AccountIdentity {
  readonly #ledger: Ledger;
  readonly #claims: Claims | undefined;

  /** @param redisUrl left out when no other name can use the same Redis */
  constructor(ledger: Ledger, redisUrl: string | undefined) {
    this.#ledger = ledger;
    this.#claims = redisUrl === undefined ? undefined : new Claims(ledger, redisUrl);
  }

  /**
   * Checks that the ledger belongs to this account, or may. Renews the claim of the account for the ledger's
   * name each time: a claim may be lost.
   * @param create creates the account in the ledger if it is missing, so that it can be closed
   * @throws WorkstealError `account`: another account, or another name; the ledger is closed. `unclear` when
   *   the broker no longer names the account; `unavailable`
   */
  async check({ number }: Pick<BrokerAccount, 'number'>, create: () => Promise<unknown>): Promise<void> {
    const [bound] = await answerOf(
      'account',
      this.#ledger.redis.hmget(key(this.#ledger.account, 'account'), 'broker_account'),
    );
    if (number === '') {
      if (!bound) return;
      throw new WorkstealError(
        'unclear',
        `the broker does not name its account; the ledger belongs to ${bound}`,
      );
    }
    if (bound && bound !== number) return await this.bind(number);
    const holder = await this.#claims?.claim(number);
    if (holder === undefined || holder === this.#ledger.account) return;
    const message = keptElsewhere(number, holder);
    await create();
    await close(this.#ledger, 'account', message);
    throw new WorkstealError('account', message, { number, holder });
  }

  /**
   * Binds the ledger to the account, if it is not bound yet.
   * @throws WorkstealError `account` when it is bound to another one; the ledger is closed then;
   *   `unavailable`
   */
  async bind(number: string): Promise<void> {
    const binding = await bind(this.#ledger, number);
    if (binding.outcome === 'other')
      throw new WorkstealError('account', otherAccount(this.#ledger.account, number, binding.bound), {
        number,
      });
    if (binding.outcome === 'unknown')
      throw new WorkstealError('unknown', `the ledger of ${this.#ledger.account} is gone`);
  }

  close(): void {
    this.#claims?.close();
  }
}
