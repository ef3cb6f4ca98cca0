/** The settings that are Alpaca's own. */
import { z } from 'zod';

/** The environment variables of this adapter. */
export const ALPACA_SCHEMA = z.object({
  APCA_API_BASE_URL: z.url().default('https://paper-api.alpaca.markets'),
  APCA_API_DATA_URL: z.url().default('https://data.alpaca.markets'),
  APCA_API_KEY_ID: z.string().default(''),
  APCA_API_SECRET_KEY: z.string().default(''),
});

/** Each with its default. */
export const ALPACA_VARIABLES = ALPACA_SCHEMA.parse({});
