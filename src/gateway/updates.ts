/**
 * trade_updates towards bots, from one stream of the broker for all of them. Nothing is replayed: whenever
 * updates may be missing, the connections of the bots end; they connect again and list their orders, as with
 * Alpaca.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { encode, type UpdatesLimits, UpdatesServer } from '../alpaca-server/updates.ts';
import { refuseUpgrade } from '../alpaca-server/upgrades.ts';
import type { TradeUpdate } from '../broker/port.ts';
import { botIn } from '../ledger/bot-ids.ts';
import type { Bot, Bots } from './bots.ts';
import type { Gateway } from './gateway.ts';
import { shownTo, WIRE_ORDER } from './orders/shown.ts';
import { away } from './refusals.ts';

const LIMITS = { maxClients: 1_000, maxUnsentBytes: 256 * 1024, authMs: 10_000, pingMs: 30_000 };
/** Updates that wait until the bot's own id of an order is read. */
const MAX_WAITING = 10_000;

/** An update in Alpaca's form, as far as the gateway reads it. */
const WIRE_UPDATE = z.looseObject({ order: WIRE_ORDER });

export class Updates {
  readonly #gateway: Gateway;
  readonly #server: UpdatesServer<Bot>;
  readonly #watched = new WeakSet<Bot>();
  readonly #stopping = new AbortController();
  readonly #following: Promise<void>;
  /** Whether the broker's stream is there; without it no bot may listen. */
  #isOpen = false;
  /** Counts the breaks: what waited before one is not sent after it. */
  #breaks = 0;
  #waiting = 0;
  #sent: Promise<void> = Promise.resolve();

  /**
   * Follows the broker's stream until `close`.
   * @param limits `maxOfOne`: open connections of one bot
   */
  constructor(gateway: Gateway, bots: Bots, limits: Pick<UpdatesLimits, 'maxOfOne' | 'onClients'>) {
    this.#gateway = gateway;
    this.#server = new UpdatesServer((key, secret) => this.#watch(bots.find(key, secret)), {
      ...LIMITS,
      ...limits,
    });
    this.#following = gateway.broker.follow((update) => this.#take(update), this.#stopping.signal);
  }

  /** Handles an HTTP upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#isOpen) return this.#server.upgrade(request, socket, head);
    refuseUpgrade(socket, away("the broker's stream of updates is not there; connect again"));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#isOpen = false;
    this.#breaks += 1;
    this.#server.close();
    await this.#following;
    await this.#sent;
  }

  /** The connections of a bot end with its keys. */
  #watch(bot: Bot | undefined): Bot | undefined {
    if (bot === undefined || this.#watched.has(bot)) return bot;
    this.#watched.add(bot);
    bot.revoked.addEventListener('abort', () => this.#server.disconnect((who) => who === bot), {
      once: true,
    });
    return bot;
  }

  #take(update: TradeUpdate): void {
    if (update.kind === 'connected') this.#isOpen = true;
    else if (update.kind === 'disconnected') {
      this.#isOpen = false;
      this.#break('the stream of the broker broke off');
    } else if (this.#waiting >= MAX_WAITING) {
      this.#break(`${MAX_WAITING} updates wait`);
    } else {
      const { wire } = update;
      const at = this.#breaks;
      this.#waiting += 1;
      this.#sent = this.#sent.then(async () => {
        try {
          if (at === this.#breaks) await this.#pass(wire, at);
        } catch (error) {
          this.#break((error as Error).message);
        } finally {
          this.#waiting -= 1;
        }
      });
    }
  }

  /** The owner gets it with its own client order id; other bots, if they may see it, as it is. */
  async #pass(wire: unknown, at: number): Promise<void> {
    const update = WIRE_UPDATE.parse(wire);
    const owner = botIn(update.order.client_order_id);
    const isOwner = ({ name }: Bot): boolean => name === owner;
    if (owner !== undefined && this.#server.hasListener(isOwner)) {
      const [order] = await shownTo(this.#gateway.door.ledger, owner, [update.order]);
      if (at !== this.#breaks) return;
      this.#server.send(encode({ stream: 'trade_updates', data: { ...update, order } }), isOwner);
    }
    if (this.#gateway.settings.updates === 'own') return;
    this.#server.send(encode({ stream: 'trade_updates', data: update }), (bot) => !isOwner(bot));
  }

  #break(why: string): void {
    this.#breaks += 1;
    if (this.#server.hasClients)
      this.#gateway.door.log.warn(`gateway: trade_updates: ${why}; the bots connect and list again`);
    this.#server.disconnect();
  }
}
