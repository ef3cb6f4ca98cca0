/** The exchange's trade updates, and the faults that a test asks of them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { encode, UpdatesServer } from '../alpaca-server/updates.ts';
import type { Faults } from './faults.ts';
import type { TradeUpdateJson } from './order-desk.ts';
import type { Authorize } from './wire.ts';

/** At most this many updates are delayed by a fault at once; further ones are sent immediately. */
const MAX_LATE = 10_000;

export class UpdateStream {
  /** A client is the number of its account. */
  private readonly server: UpdatesServer<string>;
  /** Timers of updates that a fault delays. */
  private readonly late = new Set<NodeJS.Timeout>();
  private readonly faults: Faults;

  /** @param onClients told how many clients are connected, whenever that changes */
  constructor(authorize: Authorize, faults: Faults, onClients: (count: number) => void = () => {}) {
    this.faults = faults;
    this.server = new UpdatesServer(
      (key, secret) => (faults.settings().rejectKeys === null ? authorize(key, secret)?.number : undefined),
      { onClients },
    );
  }

  /** Handles an HTTP upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.upgrade(request, socket, head);
  }

  /** Sends an update to the clients of an account, given by its number. */
  publish(account: string, update: TradeUpdateJson): void {
    if (!this.server.hasClients || this.faults.strikes('dropUpdates', 'dropUpdateRate')) return;
    const frame = encode({ stream: 'trade_updates', data: update });
    const isLate = this.late.size < MAX_LATE && this.faults.strikes('delayUpdates', 'delayUpdateRate');
    const times = this.faults.strikes('duplicateUpdates', 'duplicateUpdateRate') ? 2 : 1;
    if (!isLate) return this.send(account, frame, times);
    const timer = setTimeout(() => {
      this.late.delete(timer);
      this.send(account, frame, times);
    }, this.faults.settings().delayUpdateMs);
    this.late.add(timer);
  }

  disconnectAll(): void {
    this.server.disconnect();
  }

  close(): void {
    for (const timer of this.late) clearTimeout(timer);
    this.server.close();
  }

  private send(account: string, frame: Buffer, times: number): void {
    for (let sent = 0; sent < times; sent += 1) this.server.send(frame, (number) => number === account);
  }
}
