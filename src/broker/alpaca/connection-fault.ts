/** Why no connection to the broker came about, in words, by the system's code. */

const WORDS: readonly (readonly [like: RegExp, words: (host: string) => string])[] = [
  [/ECONNREFUSED/, (host) => `nothing listens at ${host} (ECONNREFUSED)`],
  [/ENOTFOUND|EAI_AGAIN/, (host) => `there is no host ${host}, or no name service`],
  [/EHOSTUNREACH|ENETUNREACH|ENETDOWN/, (host) => `there is no route to ${host}`],
  [
    /wrong version number|EPROTO|ERR_SSL_WRONG_VERSION_NUMBER/,
    (host) => `${host} does not speak TLS: does its address begin with http://?`,
  ],
  [/CERT_HAS_EXPIRED/, (host) => `the certificate of ${host} has expired`],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, (host) => `the certificate of ${host} is for another host`],
  [
    /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_/,
    (host) => `the certificate of ${host} is not trusted (NODE_EXTRA_CA_CERTS names your own authority's)`,
  ],
  [/ETIMEDOUT/, (host) => `${host} did not answer in time`],
  [/ECONNRESET|EPIPE|socket hang up/i, (host) => `${host} closed the connection`],
];

/**
 * A sentence; the error's own message where the cause is none of these.
 * @param host host and port, as in the address
 */
export function connectionFault(error: unknown, host: string): string {
  // Where all addresses of a host fail, Node throws one error without a message of its own.
  if (error instanceof AggregateError)
    return [...new Set(error.errors.map((one) => connectionFault(one, host)))].join(', ');
  if (!(error instanceof Error)) return String(error);
  const { code = '', message } = error as NodeJS.ErrnoException;
  const found = WORDS.find(([like]) => like.test(code) || like.test(message));
  return found === undefined ? message : found[1](host);
}
