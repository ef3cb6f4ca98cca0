/** What the command line of `tune` asks for. */
import { z } from 'zod';
import { COMMON, parsed, SEEDS, SIZES, type Source, sourceOf } from '../evaluate/options.ts';

const MAX_CANDIDATES = 500;

const TUNE = z.object({
  ...COMMON,
  seeds: SEEDS.default(6),
  /** Shares; default: that of the data. */
  size: SIZES.refine((sizes) => sizes.length === 1, 'give one')
    .transform(([size = 'plans']) => size)
    .optional(),
  cost: z.coerce.number().min(0).max(1_000).default(2),
  candidates: z.coerce.number().int().min(2).max(MAX_CANDIDATES).default(40),
  settings: z.string().min(1, 'the name of the file is empty').optional(),
  export: z.string().min(1, 'the name of the file is empty').optional(),
});

export type TuneCommand = z.output<typeof TUNE> & { source: NonNullable<Source> };

/** @throws WorkstealError `invalid` that lists every fault */
export function readTuneOptions(data: readonly string[], input: unknown): TuneCommand {
  const options = parsed('tune', TUNE, input);
  return { ...options, source: sourceOf('tune', data, options.demo) };
}
