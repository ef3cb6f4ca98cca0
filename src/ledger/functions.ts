/**
 * The ledger's commands as Redis Functions (Redis 7 and Valkey): their definitions run once, at load, not at
 * each call. One role loads them (the keeper); the others use them once they are there. Where they are not,
 * a command goes by EVALSHA, which does the same.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type Library, libraryOf, scriptNames } from './scripts.ts';

/** Between two looks whether the libraries are there. */
const LOOK_AGAIN_MS = 5_000;
/** So many other versions stay for the hosts that still run them. */
const OTHER_VERSIONS = 3;
const MARKER = 'ws_all_';

/** A server before Redis 7, or a user that may not ask. */
const NOT_HERE = /unknown (?:sub)?command|NOPERM/i;
const NOT_LOADED = /^ERR Function not found/;
/** The user may not call functions; the call was refused before it began. */
const MAY_NOT_CALL = /^NOPERM .*'fcall'/;

type Libraries = { readonly marker: Library; readonly byCommand: ReadonlyMap<string, Library> };

let known: Libraries | undefined;

/** Of each command its library, and one that is loaded last: where it is, all are. */
function libraries(): Libraries {
  if (known !== undefined) return known;
  const byCommand = new Map(scriptNames().map((name) => [name, libraryOf(name)]));
  const names = [...byCommand.values()].map((library) => library.name);
  const hash = createHash('sha256').update(names.join()).digest('hex').slice(0, 12);
  const name = `${MARKER}${hash}`;
  const all = `return {${names.map((one) => `'${one}'`).join(',')}}`;
  const text = `#!lua name=${name}\nredis.register_function('${name}', function() ${all} end)\n`;
  known = { marker: { name, text: () => text }, byCommand };
  return known;
}

/**
 * Loads what is missing, on this server alone; its replicas get it from there. Versions beyond the last few
 * are removed: whoever still runs one goes on by EVALSHA.
 * @throws errors of ioredis
 */
export async function loadFunctions(redis: Redis): Promise<void> {
  const { marker, byCommand } = libraries();
  const there = await libraryNames(redis, 'ws_*');
  // The marker alone proves nothing here: somebody may have deleted one of them.
  if ([...byCommand.values(), marker].every(({ name }) => there.has(name))) return;
  const others = [...there].filter((name) => name.startsWith(MARKER) && name !== marker.name);
  if (others.length >= OTHER_VERSIONS) for (const name of there) await redis.function('DELETE', name);
  const load = async ({ name, text }: Library): Promise<void> => {
    if (others.length >= OTHER_VERSIONS || !there.has(name)) await redis.function('LOAD', 'REPLACE', text());
  };
  // The server compiles one while the next is put together.
  await Promise.all(Array.from(byCommand.values(), load));
  await load(marker);
}

async function libraryNames(redis: Redis, pattern: string): Promise<Set<string>> {
  const listed = (await redis.function('LIST', 'LIBRARYNAME', pattern)) as unknown[];
  return new Set(listed.map((one) => String((one as unknown[])[1])));
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

  /** Looks whether they are there, and loads them. It never fails: commands go by EVALSHA instead. */
  async look(): Promise<void> {
    this.#lookedMs = performance.now();
    try {
      if (this.#loads) await loadFunctions(this.#redis);
      const { marker } = libraries();
      this.#there = (await libraryNames(this.#redis, marker.name)).has(marker.name);
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
    const library = this.#there ? libraries().byCommand.get(script) : undefined;
    if (library !== undefined) return this.#called(library.name, key, args);
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
