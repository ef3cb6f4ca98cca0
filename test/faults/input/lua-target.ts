/** One Lua command: sends it arbitrary bytes as arguments, and checks its answer against its header. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { key } from '../../../src/ledger/keys.ts';
import { scriptText } from '../../../src/ledger/scripts.ts';
import { packageRoot } from '../../../src/package-root.ts';
import type { TestAccount } from '../../support/ledger.ts';
import type { Spoiled } from './spoil.ts';

export class LuaTarget {
  readonly #account: TestAccount;
  readonly #command: string;
  readonly #sha: string;
  readonly #key: string;
  /** All that its header mentions: names of arguments, tokens of the reply. */
  readonly #words: ReadonlySet<string>;

  private constructor(account: TestAccount, command: string, sha: string) {
    this.#account = account;
    this.#command = command;
    this.#sha = sha;
    this.#key = key(account.name, 'account');
    const header =
      /^(--.*\n)+/.exec(readFileSync(join(packageRoot(), 'lua', `${command}.lua`), 'utf8'))?.[0] ?? '';
    this.#words = new Set(header.match(/\w+/g));
  }

  static async of(account: TestAccount, command: string): Promise<LuaTarget> {
    return new LuaTarget(
      account,
      command,
      (await account.ledger.redis.script('LOAD', scriptText(command))) as string,
    );
  }

  /** The outcome. Throws where the script fails, or answers what its header does not promise. */
  async send(args: readonly Spoiled[]): Promise<string> {
    return await this.#run('EVALSHA', args);
  }

  /**
   * The same where nothing can be written: a right call that would is `right`, and a refusal is one that did
   * not try to.
   */
  async look(args: readonly Spoiled[]): Promise<string> {
    return await this.#run('EVALSHA_RO', args);
  }

  async #run(how: 'EVALSHA' | 'EVALSHA_RO', args: readonly Spoiled[]): Promise<string> {
    let raw: unknown[];
    try {
      raw = (await this.#account.ledger.redis.call(how, this.#sha, 1, this.#key, ...args)) as unknown[];
    } catch (error) {
      const { message } = error as Error;
      if (how === 'EVALSHA_RO' && message.includes('Write commands are not allowed')) return 'right';
      throw new Error(`${this.#command} ${show(args)}: ${message}`);
    }
    const wrong = this.#faultOf(raw);
    if (wrong !== undefined)
      expect.fail(`${this.#command} ${show(args)} answered ${JSON.stringify(raw)}, ${wrong}`);
    return String(raw[0]);
  }

  #faultOf([outcome, ...rest]: readonly unknown[]): string | undefined {
    if (!this.#words.has(String(outcome))) return 'which its header does not know';
    if (outcome !== 'invalid') return undefined;
    const [, command, , field, , value, , expected] = rest.map(String);
    const named = field === 'ARGV' || this.#words.has(String(field));
    if (command !== this.#command || !named) return 'which names neither the command nor the field';
    if (!expected || value === undefined || value.length > 64)
      return 'which does not tell what was expected, and a little of what came';
    return undefined;
  }
}

export function show(args: readonly Spoiled[]): string {
  return JSON.stringify(
    args.map((arg) =>
      typeof arg === 'string' ? arg.slice(0, 80) : `bytes ${arg.subarray(0, 40).toString('hex')}`,
    ),
  );
}
