/** The full content of a Redis as bytes, to detect changes and to restore it. */
import type { Redis } from 'ioredis';

/** Each key with the hash of its DUMP, sorted. */
const DIGEST = `
local keys = redis.call('KEYS', '*')
table.sort(keys)
for i, key in ipairs(keys) do keys[i] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) end
return keys`;

export class Witness {
  readonly #redis: Redis;
  #keys: { name: Buffer; bytes: Buffer }[] = [];
  #digest = '';

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Of a server that no one else uses, as it is now. */
  static async of(redis: Redis): Promise<Witness> {
    const witness = new Witness(redis);
    const names = await redis.keysBuffer('*');
    const dumps = await Promise.all(names.map((name) => redis.dumpBuffer(name)));
    witness.#keys = names.map((name, at) => ({ name, bytes: dumps[at] as Buffer }));
    await witness.restore(); // how a value is laid out after a RESTORE is what is compared
    witness.#digest = await witness.#look();
    return witness;
  }

  /** The keys that are other than they were, come or gone: none is right. */
  async changed(): Promise<string[]> {
    const now = await this.#look();
    if (now === this.#digest) return [];
    const lines = [...this.#digest.split('\n'), ...now.split('\n')].sort();
    const single = lines.filter((line, at) => line !== lines[at - 1] && line !== lines[at + 1]);
    return [...new Set(single.map((line) => line.slice(0, line.lastIndexOf(' '))))];
  }

  async restore(): Promise<void> {
    const pipeline = this.#redis.pipeline().flushall();
    for (const { name, bytes } of this.#keys) pipeline.restore(name, 0, bytes);
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }

  async #look(): Promise<string> {
    return ((await this.#redis.eval(DIGEST, 0)) as string[]).join('\n');
  }
}
