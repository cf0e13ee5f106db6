import { execFileSync } from 'node:child_process'

/** Makes a certificate for a host name that has signed itself, and its key: files in PEM, good for two days. */
export function makeCertificate(name: string, key: string, certificate: string): void {
  const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const args = [...what, '-days', '2', '-keyout', key, '-out', certificate, ...subject]
  execFileSync('openssl', args, { stdio: 'ignore' })
}
