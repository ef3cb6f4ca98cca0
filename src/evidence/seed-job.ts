/** The messages between the program and the threads that run path seeds. */
import type { ErrorCode } from '../domain/errors.ts';
import type { Tally } from './tally.ts';
import type { Market, RunOptions } from './types.ts';

/** What a thread is started with: all that is the same for each seed. */
export type SeedJob = { market: Market; options: Omit<RunOptions, 'seed'> };

/** To a thread. */
export type SeedRequest = { seed: number };

/** From a thread: the share of the seed that is done, its result, or why there is none. */
export type SeedReply =
  | { kind: 'progress'; seed: number; share: number }
  | { kind: 'done'; seed: number; tally: Tally }
  | { kind: 'failed'; seed: number; code: ErrorCode; message: string };
