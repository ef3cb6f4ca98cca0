/** What the command line of `tune` asks for. */
import { z } from 'zod';
import { COMMON, parsed, SEEDS, type Source, sourceOf } from '../evaluate/options.ts';

const MAX_CANDIDATES = 500;

const TUNE = z.object({
  ...COMMON,
  seeds: SEEDS.default(6),
  size: z.coerce
    .number()
    .min(0.1)
    .max(1_000)
    .prefault('20')
    .transform((percent) => percent / 100),
  cost: z.coerce.number().min(0).max(1_000).default(2),
  candidates: z.coerce.number().int().min(2).max(MAX_CANDIDATES).default(40),
  export: z.string().min(1, 'the name of the file is empty').optional(),
});

export type TuneCommand = z.output<typeof TUNE> & { source: NonNullable<Source> };

/** @throws WorkstealError `invalid` that lists every fault */
export function readTuneOptions(dir: string | undefined, input: unknown): TuneCommand {
  const options = parsed('tune', TUNE, input);
  return { ...options, source: sourceOf('tune', dir, options.demo) };
}
