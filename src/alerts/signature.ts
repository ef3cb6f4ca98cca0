/**
 * How a receiver knows that a message is ours, and new. `X-Worksteal-Signature: v1=HEX` is the HMAC-SHA256,
 * by the shared secret, of the text of `X-Worksteal-Timestamp` (unix seconds), a point, and the body. A
 * receiver refuses a timestamp that is far from its own time.
 */
import { createHmac } from 'node:crypto';

export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** The headers of a signed message. @param nowMs of this host's clock */
export function signedHeaders(secret: string, body: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  return {
    'x-worksteal-timestamp': timestamp,
    'x-worksteal-signature': signatureOf(secret, timestamp, body),
  };
}
