/**
 * A process's place in the fleet: it tells the ledger that it is there and by which settings it plays, and
 * notices when those are not the account's. Such a host does not steal (lua/steal.lua), and enters nothing
 * where its pools are other ones (lua/admit.lua), until somebody makes the settings agree.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type HostAnswer, noteHost, type Watching } from '../ledger/commands/hosts.ts';
import type { Ledger } from '../ledger/ledger.ts';

const EVERY_MS = 5_000;

export type PresenceOptions = {
  ledger: Ledger;
  host: string;
  role: string;
  /** Of its settings. */
  fingerprint: string;
  /** Why it stands aside; '' where it does not. */
  trouble?: () => string;
  log: Pick<Logger, 'info' | 'warn' | 'debug'>;
};

export class Presence {
  readonly #options: PresenceOptions;
  /** The account's fingerprint that was warned of; '' while they agree. */
  #other = '';

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Once. What was heard; undefined while there is no such account. @throws WorkstealError `unavailable` */
  async tell(watching?: Watching): Promise<HostAnswer | undefined> {
    const { ledger, host, role, fingerprint, trouble = () => '' } = this.#options;
    const heard = await noteHost(ledger, {
      host,
      role,
      fingerprint,
      trouble: trouble(),
      ...(watching && { watching }),
    });
    if (heard) this.#compare(heard.fingerprint);
    return heard;
  }

  /** Every 5 s until the signal aborts. Never throws: a host that can not be heard says so by its silence. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tell().catch((err: unknown) =>
        this.#options.log.debug({ err }, 'the fleet could not be told of this host'),
      );
      await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  #compare(account: string): void {
    const { fingerprint: host, log } = this.#options;
    const other = account === host ? '' : account;
    if (other === this.#other) return;
    this.#other = other;
    const facts = { hostSettings: host, accountSettings: account };
    if (other === '') log.info(facts, `this host's settings are the account's again: it may steal`);
    else
      log.warn(
        facts,
        `this host's settings (${host}) are not the account's (${account}): it does not steal, and enters nothing where their pools differ; ` +
          'compare `worksteal config` here and at the active keeper, whose settings are in force',
      );
  }
}
