/**
 * Connectors for ioredis that find the server where the address names several. They ask again at each
 * connect. If nobody knows the server, the attempt fails like one to an unreachable server, and the
 * connection's own retries and limits apply.
 */
import { createConnection, isIP, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import { AbstractConnector, type RedisOptions, SentinelConnector } from 'ioredis';
import type { Node } from './address.ts';
import type { ClusterNodes } from './cluster-nodes.ts';

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;
type ErrorEmitter = Parameters<AbstractConnector['connect']>[0];
export type Connector = NonNullable<RedisOptions['Connector']>;

/** ioredis treats this as a failed attempt, and reads the reason from the connector's `firstError`. */
function failed(): Stream {
  return new Socket().destroy();
}

/**
 * The connector of ioredis, except that it stops after one round of the Sentinels without an answer.
 */
export class MasterConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as RedisOptions);
  }

  override async connect(emit: ErrorEmitter): Promise<Stream> {
    let why = '';
    const listen: ErrorEmitter = (type, error) => {
      why = error.message;
      emit(type, error);
    };
    for (let round = 1; ; round += 1) {
      try {
        return await super.connect(listen);
      } catch (error) {
        if (!this.connecting) throw error; // the connection was closed meanwhile
        // A round begins after the Sentinel that answered last. If that is the last of the list, the first
        // round asks nobody and gives no reason.
        if (why === '' && round === 1) continue;
        this.firstError = new Error(`no Sentinel knows the master: ${why || (error as Error).message}`, {
          cause: error,
        });
        return failed();
      }
    }
  }
}

/**
 * Makes a connector class for the master of the slot. Make one per connection: its duplicates share the
 * class, and with it the nodes that it knows.
 */
export function slotConnector(nodes: ClusterNodes, slot: number): Connector {
  return class SlotConnector extends AbstractConnector {
    readonly #tls: TlsOptions | undefined;
    #asking = new AbortController();

    constructor(options: unknown) {
      const { disconnectTimeout = 2_000, tls } = options as RedisOptions;
      super(disconnectTimeout);
      this.#tls = tls;
    }

    override async connect(): Promise<Stream> {
      this.connecting = true;
      this.#asking = new AbortController();
      const { signal } = this.#asking;
      let master: Node;
      try {
        master = await nodes.masterOf(slot, signal);
      } catch (error) {
        if (signal.aborted) throw new Error('Connection is closed.');
        this.firstError = error as Error;
        return failed();
      }
      if (signal.aborted) throw new Error('Connection is closed.');
      const named = isIP(master.host) === 0 ? { servername: master.host } : {};
      this.stream = this.#tls ? connectTls({ ...master, ...named, ...this.#tls }) : createConnection(master);
      this.stream.once('error', (error: Error) => {
        this.firstError = error;
      });
      return this.stream;
    }

    /** Rejects a node that is no longer master, though other nodes still list it as one. */
    override check({ role }: { role?: string }): boolean {
      return role === undefined || role === 'master';
    }

    override disconnect(): void {
      this.#asking.abort();
      super.disconnect();
    }
  };
}
