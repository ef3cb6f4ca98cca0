/** .ci/audit.ts against a test registry: it fails on a finding and on nothing else. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

let server: Server;
let registry: string;
/** npm remembers what it was told of an advisory. */
let cache: string;
/** What it answers to an audit, and the packages that it was asked about last. */
let answer: { status: number; body: unknown };
let asked: Record<string, string[]> = {};
beforeAll(async () => {
  cache = mkdtempSync(join(tmpdir(), 'worksteal-npm-'));
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST') return void response.writeHead(404).end('{}');
    const sent = Buffer.concat(chunks);
    asked = JSON.parse(
      (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString(),
    ) as typeof asked;
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true, force: true });
});

function audit(at = registry): Promise<{ code: number; text: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    npm_config_registry: at,
    npm_config_cache: cache,
  };
  const options = { cwd: packageRoot(), env, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot(), '.ci/audit.ts')], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    );
  });
}

describe('the audit of the packages', { timeout: 180_000 }, () => {
  it('passes when the registry knows no advisory for production and development packages', async () => {
    answer = { status: 200, body: {} };
    const { code, text } = await audit();
    expect(text).toMatch(/0 vulnerabilities in \d+ packages/);
    expect(code).toBe(0);
    expect(Object.keys(asked)).toEqual(
      expect.arrayContaining(['ioredis', 'bullmq', 'ws', 'vitest', 'testcontainers']),
    );
  });

  it.each(['low', 'critical'])('fails on a finding, though it is %s', async (severity) => {
    const finding = {
      id: severity.length,
      url: 'https://example.com/advisory',
      title: 'It leaks',
      severity,
      vulnerable_versions: '<=99.0.0',
    };
    answer = { status: 200, body: { 'csv-parse': [finding] } };
    const { code, text } = await audit();
    expect(text).toMatch(new RegExp(`csv-parse: ${severity}: It leaks`));
    expect(code).toBe(1);
  });

  it.each<[string, () => string]>([
    ['the registry does not answer audits', () => registry],
    ['nothing listens there', () => 'http://127.0.0.1:1/'],
  ])('passes and says so when %s', async (_, at) => {
    answer = { status: 405, body: {} };
    const { code, text } = await audit(at());
    expect(text).toMatch(/could not be asked/);
    expect(text).not.toContain(at());
    expect(code).toBe(0);
  });
});
