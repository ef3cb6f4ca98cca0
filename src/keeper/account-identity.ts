/**
 * Whose account is it? The ledger is kept for one account of the broker's, under one name
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

  /** @param redisUrl left out where no other name can be on the same Redis */
  constructor(ledger: Ledger, redisUrl: string | undefined) {
    this.#ledger = ledger;
    this.#claims = redisUrl === undefined ? undefined : new Claims(ledger, redisUrl);
  }

  /**
   * Is it the account that this ledger is kept for, or may be kept for? Claims it for the ledger's name, each
   * time anew: a claim may be lost.
   * @param create sets the account up in the ledger, where it is to be closed and is not there yet
   * @throws WorkstealError `account`: it is another one, or kept under another name: the ledger is closed;
   *   `unclear` where the broker does not tell which account it is, and did before; `unavailable`
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
        `the broker does not tell which account it is; the ledger is kept for ${bound}`,
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
   * Binds a ledger that is not bound yet.
   * @throws WorkstealError `account` where it is bound to another one, and is closed now; `unavailable`
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
