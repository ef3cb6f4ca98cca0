/** Every object that a command prints with --json, by the command's name; docs/json.md lists them. */
import type { z } from 'zod';
import { AUDIT } from './audit.ts';
import { DOCTOR } from './doctor.ts';
import { ERROR } from './error.ts';
import { PLANS } from './plans.ts';

export const DOCUMENTS: Readonly<Record<string, z.ZodType>> = {
  error: ERROR,
  audit: AUDIT,
  doctor: DOCTOR,
  plans: PLANS,
};
