/** Whole numbers in settings. */
import { z } from 'zod';
import { shown } from '../domain/shown.ts';

/** Digits only: other notations that JavaScript accepts (0x10, 1e3, blanks) are probably typos. */
export const digits = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: ({ input }) => `"${shown(String(input))}" is not a whole number` })
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const whole = (fallback: number, least: number, most: number) => digits(least, most).default(fallback);
