/** The ids of bots' orders: reversible where they can be, never shared, always the ledger's form. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientIdIn, isOrderOf, ledgerIdOf } from '../../../src/ledger/bot-ids.ts';

const NAME = fc.stringMatching(/^[A-Za-z0-9_]{1,8}(-[A-Za-z0-9_]{1,8}){0,2}$/);
const ID = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme' }),
  fc.constantFrom('-x', 'x--y', 'plan_3', 'plan_x3', `h_${'a'.repeat(32)}`),
);

it('has the form of a ledger id, belongs to its bot, and can be read back unless it is a hash', () => {
  fc.assert(
    fc.property(NAME, ID, (bot, clientId) => {
      const id = ledgerIdOf(bot, clientId);
      expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(isOrderOf(bot, id)).toBe(true);
      expect([clientId, undefined]).toContain(clientIdIn(bot, id));
      expect(ledgerIdOf(bot, clientId)).toBe(id);
    }),
  );
});

it('is another one for another bot or another client id', () => {
  fc.assert(
    fc.property(NAME, ID, NAME, ID, (bot, clientId, otherBot, otherId) => {
      fc.pre(bot !== otherBot || clientId !== otherId);
      expect(ledgerIdOf(bot, clientId)).not.toBe(ledgerIdOf(otherBot, otherId));
      if (bot !== otherBot) expect(isOrderOf(otherBot, ledgerIdOf(bot, clientId))).toBe(false);
    }),
  );
});

it('is kept as it is where the ledger can have it', () => {
  expect(ledgerIdOf('bot', 'AAPL-7f')).toBe('bot--AAPL-7f');
  expect(ledgerIdOf('bot', 'x')).toBe('bot--x');
});

it.each([
  ['too long', 'x'.repeat(62)],
  ['of other characters', 'a b'],
  ['like the attempt of a plan', 'plan_3'],
  ['like a hash', `h_${'0'.repeat(32)}`],
])('is a hash where the client id is %s', (_, clientId) => {
  expect(ledgerIdOf('bot', clientId)).toMatch(/^bot--h_[0-9a-f]{32}$/);
  expect(ledgerIdOf('bot', clientId)).not.toBe(`bot--${clientId}`);
});
