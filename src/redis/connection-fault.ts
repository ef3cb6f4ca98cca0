/** Why a connection to Redis could not be made, in words that name the remedy. */

type Fault = { message: string; code?: string };

/** [scheme, what the message or the code is like, the remedy]; the first that fits counts. */
const REMEDIES: readonly (readonly [RegExp, RegExp, string])[] = [
  [/./, /^(WRONGPASS|NOAUTH)\b/, 'the user or password of its URL is wrong or missing'],
  [/./, /^NOPERM\b/, 'its user lacks what this role needs (docs/security.md)'],
  [
    /^rediss[:+]/,
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    "its certificate is not trusted; NODE_EXTRA_CA_CERTS names the file of an authority of one's own",
  ],
  [/^rediss[:+]/, /ETIMEDOUT|ECONNRESET|EPROTO|_SSL_|closed|disconnected/, 'does it speak TLS there?'],
  [/^redis[:+]/, /ECONNRESET|closed/, 'it hung up; does it want TLS (rediss://)?'],
];

/**
 * @param url of the server; only its scheme is looked at
 * @param reason the error that the connection told; where it told none, the command's own
 */
export function connectionFault(url: string, reason: unknown): string {
  const { message, code = '' }: Fault = reason instanceof Error ? reason : { message: String(reason) };
  const found = REMEDIES.find(
    ([scheme, like]) => scheme.test(url) && (like.test(message) || like.test(code)),
  );
  return found === undefined ? message : `${message.replace(/\.$/, '')}: ${found[2]}`;
}
