import { STATUS } from '../../json/status.ts';
import { type Api, doorOf } from '../api.ts';
import { accountParams, answers, withoutVersion } from '../schema.ts';

const ANSWER = withoutVersion('Status', STATUS);

export function statusRoutes(api: Api): void {
  api.get(
    '/status',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The state of the account',
        params: accountParams({}),
        response: answers({ 200: ANSWER }),
      },
    },
    async (request) => ANSWER.parse(await doorOf(request).book.status()),
  );
}
