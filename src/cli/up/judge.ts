/** Asks the paper exchange's judge, which checks I1 against the exchange's own log. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';

const schema = z.object({
  pools: z.record(
    z.string(),
    z.object({ highestExposureMicros: z.number(), highestRatio: z.number(), capMicros: z.number() }),
  ),
  acceptances: z.number(),
  violationCount: z.number(),
  doubleOrders: z.number(),
  buyingPowerRefusals: z.number(),
  fills: z.number(),
  cancels: z.number(),
  cancelRequests: z.array(z.object({ id: z.string(), at: z.string() })),
  equityMicros: z.number(),
  exposureMicros: z.number(),
});

export type Verdict = z.output<typeof schema>;

/** @throws WorkstealError `unclear` when the exchange does not answer */
export async function askJudge(exchangeUrl: string): Promise<Verdict> {
  try {
    const answer = await fetch(`${exchangeUrl}/judge`, { signal: AbortSignal.timeout(5_000) });
    return schema.parse(await answer.json());
  } catch (error) {
    throw new WorkstealError(
      'unclear',
      `the judge at ${exchangeUrl} does not answer: ${(error as Error).message}`,
      {},
      error,
    );
  }
}
