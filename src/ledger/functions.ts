/**
 * The ledger's commands as Redis Functions (Redis 7 and Valkey): their definitions run once, at load, not at
 * each call. One role loads them (the keeper); the others use them once they are there. Where they are not,
 * a command goes by EVALSHA, which does the same.
 */
import type { Redis } from 'ioredis';
import { functionLibrary, LIBRARY } from './function-library.ts';

/** Between two looks whether the library is there. */
const LOOK_AGAIN_MS = 5_000;
/** So many other versions stay for the hosts that still run them. */
const OTHER_VERSIONS = 3;

/** A server before Redis 7, or a user that may not ask. */
const NOT_HERE = /unknown (?:sub)?command|NOPERM/i;
const NOT_LOADED = /^ERR Function not found/;
/** The user may not call functions; the call was refused before it began. */
const MAY_NOT_CALL = /^NOPERM .*'fcall'/;

/**
 * Loads the library where it is missing, on this server alone; its replicas get it from there. Versions
 * beyond the last few are removed: whoever still runs one goes on by EVALSHA.
 * @throws errors of ioredis
 */
export async function loadFunctions(redis: Redis): Promise<void> {
  const library = functionLibrary();
  const there = await libraryNames(redis, 'ws_*');
  if (there.includes(library.name)) return;
  const versions = there.filter((name) => name.startsWith(LIBRARY));
  if (versions.length >= OTHER_VERSIONS) for (const name of there) await redis.function('DELETE', name);
  await redis.function('LOAD', 'REPLACE', library.text());
}

async function libraryNames(redis: Redis, pattern: string): Promise<string[]> {
  const listed = (await redis.function('LIST', 'LIBRARYNAME', pattern)) as unknown[];
  return listed.map((one) => String((one as unknown[])[1]));
}

/** Whether the commands of one connection go as functions. */
export class Functions {
  readonly #redis: Redis;
  readonly #loads: boolean;
  #there = false;
  #impossible = false;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param loads load them where they are missing */
  constructor(redis: Redis, loads: boolean) {
    this.#redis = redis;
    this.#loads = loads;
    redis.on('close', () => {
      this.#there = false;
      this.#impossible = false;
    });
    redis.on('ready', () => void this.look());
  }

  /** Looks whether they are there, and loads them where it may. It never fails: there is EVALSHA instead. */
  async look(): Promise<void> {
    this.#lookedMs = performance.now();
    try {
      if (this.#loads) await loadFunctions(this.#redis);
      const { name } = functionLibrary();
      this.#there = (await libraryNames(this.#redis, name)).includes(name);
    } catch (error) {
      this.#there = false;
      this.#impossible = NOT_HERE.test((error as Error).message);
    }
  }

  /** Whether commands go as functions, as far as is known. */
  get areThere(): boolean {
    return this.#there;
  }

  /**
   * Calls the command as a function.
   * @returns undefined, or a promise of it, where it is not loaded or not allowed: nothing was done.
   * @throws errors of ioredis and of the command
   */
  call(script: string, key: string, args: readonly (string | number)[]): Promise<unknown> | undefined {
    const name = this.#there ? functionLibrary().functions.get(script) : undefined;
    if (name !== undefined) return this.#called(name, key, args);
    if (!this.#impossible && performance.now() - this.#lookedMs > LOOK_AGAIN_MS) void this.look();
    return undefined;
  }

  async #called(name: string, key: string, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.fcall(name, 1, key, ...args);
    } catch (error) {
      const { message } = error as Error;
      this.#impossible = MAY_NOT_CALL.test(message);
      if (!this.#impossible && !NOT_LOADED.test(message)) throw error;
      this.#there = false;
      return undefined;
    }
  }
}
