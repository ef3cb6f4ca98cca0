/** A frame of the trade updates stream. */
import { z } from 'zod';
import { readOrder } from './order-wire.ts';

const Frame = z.discriminatedUnion('stream', [
  z.object({ stream: z.literal('authorization'), data: z.object({ status: z.string().max(64) }) }),
  z.object({
    stream: z.literal('listening'),
    data: z.object({ streams: z.array(z.string().max(64)).max(16) }),
  }),
  z.object({
    stream: z.literal('trade_updates'),
    data: z
      .looseObject({
        event: z.string().max(64),
        order: z.looseObject({ id: z.string().min(1), symbol: z.string() }),
      })
      .transform((wire) => ({ event: wire.event, wire, ...readOrder(wire.order) })),
  }),
]);

/** Undefined for a frame of a stream that was not subscribed to. */
export const StreamFrame = z.union([
  Frame,
  z
    .object({
      stream: z.string().refine((name) => !['authorization', 'listening', 'trade_updates'].includes(name)),
    })
    .transform(() => undefined),
]);
