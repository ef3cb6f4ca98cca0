/** The settings of `worksteal alert`, a part of those of a process (fleet-schema.ts). */
import { z } from 'zod';
import { SHAPES, type Shape } from '../alerts/message.ts';
import { whole } from './numbers.ts';

const CHECK_LIST = /^[a-z]+(,[a-z]+)*$/;

/** In the order of docs/settings.md. */
export const ALERT_SHAPE = {
  /** Where messages are posted. */
  WORKSTEAL_ALERT_URL: z
    .url({ protocol: /^https?$/, error: 'is not an address such as https://host/path' })
    .max(2_000)
    .optional(),
  WORKSTEAL_ALERT_SHAPE: z.enum(SHAPES).default('json'),
  /** For the signature; required for `json`. */
  WORKSTEAL_ALERT_SECRET: z.string().min(16, 'has fewer than 16 characters').max(1_000).optional(),
  WORKSTEAL_ALERT_EVERY_MS: whole(5_000, 100, 600_000),
  /** How long a fault lasts before it is told, and how long it is over. */
  WORKSTEAL_ALERT_AFTER_MS: whole(15_000, 0, 3_600_000),
  WORKSTEAL_ALERT_OUTBOX_MS: whole(10_000, 0, 3_600_000),
  /** Of the steals of an hour; and how many must have failed. */
  WORKSTEAL_ALERT_STEAL_FAILURES: z
    .string()
    .regex(/^(0(\.\d{1,9})?|1)$/, 'is not a share such as 0.5')
    .transform(Number)
    .default(0.5),
  WORKSTEAL_ALERT_STEALS_FAILED: whole(5, 1, 500),
  /** Checks that are not told. */
  WORKSTEAL_ALERT_IGNORE: z
    .string()
    .regex(CHECK_LIST, 'is not a list of checks such as persistence,eviction')
    .transform((text) => text.split(','))
    .default([]),
};

export type AlertSettings = {
  url: string | undefined;
  shape: Shape;
  secret: string | undefined;
  everyMs: number;
  lastMs: number;
  outboxMs: number;
  /** A share. */
  stealFailures: number;
  stealsFailed: number;
  ignored: readonly string[];
};

export function alertSettings(s: z.output<z.ZodObject<typeof ALERT_SHAPE>>): AlertSettings {
  return {
    url: s.WORKSTEAL_ALERT_URL,
    shape: s.WORKSTEAL_ALERT_SHAPE,
    secret: s.WORKSTEAL_ALERT_SECRET,
    everyMs: s.WORKSTEAL_ALERT_EVERY_MS,
    lastMs: s.WORKSTEAL_ALERT_AFTER_MS,
    outboxMs: s.WORKSTEAL_ALERT_OUTBOX_MS,
    stealFailures: s.WORKSTEAL_ALERT_STEAL_FAILURES,
    stealsFailed: s.WORKSTEAL_ALERT_STEALS_FAILED,
    ignored: s.WORKSTEAL_ALERT_IGNORE,
  };
}
