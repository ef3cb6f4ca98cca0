/** Why a connection to Redis failed, and what may help, as the text of a message. */

type Fault = { message: string; code?: string };

/** [pattern of the URL, pattern of the error's message or code, hint]; the first match counts. */
const HINTS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/./, /^(WRONGPASS|NOAUTH)\b/, 'the user or password in its URL is wrong or missing'],
  [/./, /^NOPERM\b/, 'its user lacks a permission that this role needs (docs/security.md)'],
  [
    /^rediss[:+]/,
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    'its certificate is not trusted; set NODE_EXTRA_CA_CERTS to the file of your own certificate authority',
  ],
  [/^rediss[:+]/, /ETIMEDOUT|ECONNRESET|EPROTO|_SSL_|closed|disconnected/, 'does this port use TLS?'],
  [/^redis[:+]/, /ECONNRESET|closed/, 'it closed the connection; does it need TLS (rediss://)?'],
];

/**
 * @param url of the server; only its scheme matters
 * @param reason the connection's error, or the command's where the connection had none
 */
export function connectionFault(url: string, reason: unknown): string {
  const { message, code = '' }: Fault = reason instanceof Error ? reason : { message: String(reason) };
  const found = HINTS.find(([scheme, like]) => scheme.test(url) && (like.test(message) || like.test(code)));
  return found === undefined ? message : `${message.replace(/\.$/, '')}: ${found[2]}`;
}
