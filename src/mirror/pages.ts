/** Scans of Redis. */
import { answerOf } from '../ledger/answer.ts';

/** The pages of a scan, joined. @throws WorkstealError `unavailable` */
export async function everyPage(page: (cursor: string) => Promise<[string, string[]]>): Promise<string[]> {
  const all: string[] = [];
  let cursor = '0';
  do {
    const [next, some] = await answerOf('mirror', page(cursor));
    all.push(...some);
    cursor = next;
  } while (cursor !== '0');
  return all;
}
