/**
 * How a connection finds its server where the address names several: a connector for ioredis, which asks anew
 * at each connect. Where nobody tells, the attempt fails as one to a server that is not there does: the
 * connection's own retries and limits hold.
 */
import { createConnection, isIP, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import { AbstractConnector, type RedisOptions, SentinelConnector } from 'ioredis';
import type { Node } from './address.ts';
import type { ClusterNodes } from './cluster-nodes.ts';

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;
type Tell = Parameters<AbstractConnector['connect']>[0];
export type Connector = NonNullable<RedisOptions['Connector']>;

/** What ioredis takes for an attempt that failed; it asks the connector's `firstError` for the reason. */
function failed(): Stream {
  return new Socket().destroy();
}

/**
 * ioredis' own, but for this: after one round of the Sentinels without an answer it does not go on by itself.
 */
export class MasterConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as RedisOptions);
  }

  override async connect(tell: Tell): Promise<Stream> {
    let why = '';
    const listen: Tell = (type, error) => {
      why = error.message;
      tell(type, error);
    };
    for (let round = 1; ; round += 1) {
      try {
        return await super.connect(listen);
      } catch (error) {
        if (!this.connecting) throw error; // the connection was closed meanwhile
        // An attempt goes on behind the Sentinel that answered last; behind the last of all there was nobody
        // to ask.
        if (why === '' && round === 1) continue;
        this.firstError = new Error(`no Sentinel tells who is master: ${why || (error as Error).message}`, {
          cause: error,
        });
        return failed();
      }
    }
  }
}

/**
 * Connects to the master of the slot; one class for each connection and what is duplicated from it, for they
 * share what they learn.
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

    /** A node that is no master any more, though others still say so, is not talked to. */
    override check({ role }: { role?: string }): boolean {
      return role === undefined || role === 'master';
    }

    override disconnect(): void {
      this.#asking.abort();
      super.disconnect();
    }
  };
}
