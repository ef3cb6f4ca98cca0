/** Why the broker can't be reached, in words that name the host. */
import { expect, it } from 'vitest';
import { connectionFault } from '../../src/broker/alpaca/connection-fault.ts';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

it.each([
  [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), 'nothing listens at h:1 (ECONNREFUSED)'],
  [coded('ENOTFOUND', 'getaddrinfo ENOTFOUND h'), 'there is no host h:1, or no name service'],
  [coded('ENETUNREACH'), 'there is no route to h:1'],
  [
    coded('EPROTO', 'write EPROTO 40CD:error:0A00010B:SSL routines:wrong version number:../deps/x.c:77:\n'),
    'h:1 does not speak TLS: does its address begin with http://?',
  ],
  [coded('CERT_HAS_EXPIRED'), 'the certificate of h:1 has expired'],
  [coded('ECONNRESET', 'socket hang up'), 'h:1 closed the connection'],
  [coded('ETIMEDOUT'), 'h:1 did not answer in time'],
  [
    new AggregateError([coded('ECONNREFUSED', '::1'), coded('ECONNREFUSED', '127.0.0.1')]),
    'nothing listens at h:1 (ECONNREFUSED)',
  ],
  [new Error('the answer is not JSON'), 'the answer is not JSON'],
])('%s', (error, words) => expect(connectionFault(error, 'h:1')).toBe(words));

it('a certificate of an unknown authority says where to name it', () => {
  const fault = connectionFault(coded('SELF_SIGNED_CERT_IN_CHAIN'), 'h:1');
  expect(fault).toMatch(/certificate of h:1 is not trusted .*NODE_EXTRA_CA_CERTS/);
});
