/** How long the ledger's commands take. */
import type { Histogram } from 'prom-client';
import { type Instruments, REQUEST_SECONDS } from './instruments.ts';

export class LedgerMetrics {
  readonly #seconds: Histogram<'command'>;

  constructor(instruments: Instruments) {
    this.#seconds = instruments.seconds(
      'ledger_command_seconds',
      "A command of the ledger, one of lua/*.lua, from this process's request to the answer, errors included",
      REQUEST_SECONDS,
      ['command'],
    );
  }

  took(command: string, ms: number): void {
    this.#seconds.observe({ command }, ms / 1_000);
  }
}
