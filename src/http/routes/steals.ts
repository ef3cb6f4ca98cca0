/** Steals, and the fights between symbols that they lead to. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { FIGHTS } from '../../json/fights.ts';
import { STEALS } from '../../json/steals.ts';
import { type Api, doorOf } from '../api.ts';
import type { Book } from '../book.ts';
import { PAGE_ANSWER, PAGE_QUERY, pageOf } from '../listing.ts';
import { accountParams, answers, ID, named, withoutVersion } from '../schema.ts';
import { SYMBOL } from '../terms.ts';

const STEAL = named('Steal', STEALS.shape.steals.element.describe('A steal.'));
type Steal = z.output<typeof STEAL>;
const LIST = named(
  'Steals',
  z
    .strictObject({ steals: z.array(STEAL).describe('the page'), ...PAGE_ANSWER })
    .describe('The latest steals, at most 500, newest first.'),
);
const FILTERS = z.strictObject({
  state: STEAL.shape.state.optional().describe('what became of it'),
  symbol: SYMBOL.optional().describe('the thief or a victim has it'),
  reason: z.string().max(256).optional().describe('why it failed, or was not used'),
  ...PAGE_QUERY,
});
const FIGHTS_ANSWER = withoutVersion('Fights', FIGHTS);

export function stealRoutes(api: Api): void {
  const config = { scope: 'read' } as const;
  api.get(
    '/steals',
    {
      config,
      schema: {
        summary: 'The latest steals',
        params: accountParams({}),
        querystring: FILTERS,
        response: answers({ 200: LIST }),
      },
    },
    async (request) => {
      const { state, symbol, reason, ...query } = request.query;
      const words = [state, symbol === undefined ? undefined : toSymbol(symbol)];
      const all = await readSteals(
        doorOf(request).book,
        words.filter((word) => word !== undefined),
      );
      const found = all.filter((steal) => reason === undefined || steal.reason === reason);
      const { items, ...rest } = pageOf(found, ({ atMs, thief }) => [-atMs, thief], query);
      return { steals: items, ...rest };
    },
  );
  api.get(
    '/steals/:id',
    {
      config,
      schema: {
        summary: 'A steal, by the order of its thief',
        params: accountParams({ id: ID }),
        response: answers({ 200: STEAL }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const steal = (await readSteals(doorOf(request).book, [])).find(({ thief }) => thief === id);
      if (steal === undefined)
        throw new WorkstealError('unknown', `${id} is the thief of none of the latest 500 steals`, {
          order: id,
        });
      return steal;
    },
  );
  api.get(
    '/fights',
    {
      config,
      schema: {
        summary: 'Fights, pairs on their way into one, and cooldowns',
        params: accountParams({}),
        response: answers({ 200: FIGHTS_ANSWER }),
      },
    },
    async (request) => FIGHTS_ANSWER.parse(await doorOf(request).book.fights()),
  );
}

async function readSteals(book: Book, words: readonly string[]): Promise<Steal[]> {
  const { steals } = await book.steals(words);
  return z.array(STEAL).parse(steals);
}
