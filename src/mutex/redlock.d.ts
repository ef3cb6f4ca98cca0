/** Types for the parts of redlock 5.0.0-beta.2 that this project uses: its export map lists no types. */
declare module 'redlock' {
  import type { EventEmitter } from 'node:events';

  export type RedlockClient = object;
  export type RedlockSettings = {
    driftFactor: number;
    retryCount: number;
    retryDelay: number;
    retryJitter: number;
  };

  export class ResourceLockedError extends Error {}
  export type Votes = { votesAgainst: Map<RedlockClient, Error> };
  export class ExecutionError extends Error {
    /** One per try. Empty when an extension was not even tried because the lock had expired. */
    readonly attempts: readonly Promise<Votes>[];
  }

  export type Lock = { readonly value: string; readonly resources: string[]; expiration: number };

  class Redlock extends EventEmitter {
    constructor(clients: Iterable<RedlockClient>, settings?: Partial<RedlockSettings>);
    acquire(resources: string[], durationMs: number, settings?: Partial<RedlockSettings>): Promise<Lock>;
    extend(lock: Lock, durationMs: number, settings?: Partial<RedlockSettings>): Promise<Lock>;
    release(lock: Lock, settings?: Partial<RedlockSettings>): Promise<unknown>;
  }

  // biome-ignore lint/style/noDefaultExport: the package has a default export.
  export { Redlock as default };
}
