/** The full content of a Redis as bytes, to detect changes and to restore it. */
import type { Redis } from 'ioredis';

/** Each key with the hash of its DUMP, sorted. A set has no order: of it the members count. */
const DIGEST = `
local keys = redis.call('KEYS', '*')
table.sort(keys)
for i, key in ipairs(keys) do
  local bytes
  if redis.call('TYPE', key).ok == 'set' then
    local members = redis.call('SMEMBERS', key)
    table.sort(members)
    bytes = table.concat(members, '\\0')
  else
    bytes = redis.call('DUMP', key)
  end
  keys[i] = key .. ' ' .. redis.sha1hex(bytes)
end
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
    witness.#digest = await digestOf(redis);
    return witness;
  }

  /** The keys that are other than they were, come or gone: none is right. */
  async changed(): Promise<string[]> {
    return changedKeys(this.#digest, await digestOf(this.#redis));
  }

  async restore(): Promise<void> {
    const pipeline = this.#redis.pipeline().flushall();
    for (const { name, bytes } of this.#keys) pipeline.restore(name, 0, bytes);
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }
}

/** Every key with the hash of its value: two texts are the same only if no byte has changed. */
export async function digestOf(redis: Redis): Promise<string> {
  return ((await redis.eval(DIGEST, 0)) as string[]).join('\n');
}

/** The keys that are other than they were, come or gone, of two digests. */
export function changedKeys(before: string, after: string): string[] {
  if (before === after) return [];
  const lines = [...before.split('\n'), ...after.split('\n')].sort();
  const single = lines.filter((line, at) => line !== lines[at - 1] && line !== lines[at + 1]);
  return [...new Set(single.map((line) => line.slice(0, line.lastIndexOf(' '))))];
}
