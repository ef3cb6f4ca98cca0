/**
 * Certificates of a test's own certificate authority, made by openssl, valid for two days, in the test's
 * folder.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export type Certificates = {
  /** PEM files. */
  authority: string;
  certificate: string;
  key: string;
};

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A server's certificate for 127.0.0.1, not for localhost, and the authority that signed it. */
export function makeCertificates(folder: string): Certificates {
  const [authority, authorityKey] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  const [certificate, key, request] = [
    join(folder, 'server.crt'),
    join(folder, 'server.key'),
    join(folder, 'server.csr'),
  ];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-days',
    '2',
    '-subj',
    '/CN=worksteal-test',
    '-keyout',
    authorityKey,
    '-out',
    authority,
  );
  const names = 'subjectAltName=IP:127.0.0.1';
  openssl('req', ...KEY, '-subj', '/CN=server', '-addext', names, '-keyout', key, '-out', request);
  const signer = ['-CA', authority, '-CAkey', authorityKey, '-CAcreateserial', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-out', certificate);
  return { authority, certificate, key };
}
