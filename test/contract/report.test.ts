/** `worksteal report`: a period as text, as JSON and as one HTML file, from Redis alone. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportCommand } from '../../src/cli/report.ts';
import { REPORT } from '../../src/json/report.ts';
import { fill } from '../../src/ledger/commands/fill.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { resume } from '../../src/ledger/commands/resume.ts';
import { key } from '../../src/ledger/keys.ts';
import { useLedgers } from '../support/fixtures.ts';
import { HOSTILE } from '../support/hostile-names.ts';
import { anOrder, failure, type TestAccount } from '../support/ledger.ts';
import { spreadEvents } from '../support/spread-events.ts';

const ledgers = useLedgers();
const folder = mkdtempSync(join(tmpdir(), 'worksteal-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function report(account: string, ...args: string[]): Promise<string> {
  let text = '';
  const writeOut = (part: string): void => {
    text += part;
  };
  const command = reportCommand({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account })
    .configureOutput({ writeOut })
    .exitOverride();
  await command.parseAsync(args, { from: 'user' });
  return text;
}

/** What would be markup in HTML, if it were not text. */
const MARKUP = `</td><script>alert(1)</script><img src=x onerror='alert(2)'> & "quoted"`;

const ESCAPE = HOSTILE['an escape sequence of a terminal'] ?? '';

let account: TestAccount;
beforeAll(async () => {
  account = await ledgers.account();
  await account.place(
    anOrder('old').of('OLD').worth(600).pnl('1'),
    anOrder('age').of('AGE').worth(400).pnl('2'),
  );
  await account.advance(120_000);
  await account.prices({ OLD: '12', AGE: '12', NEW: '10', FAR: '20' });
  await account.steal(anOrder('new').of('NEW').worth(500).pnl('9'));
  await account.advance(2_000);
  await account.end('old', 'cancelled');
  await account.send('new');
  await account.steal(anOrder('far').of('FAR').worth(500).pnl('9'));
  await fill(account.ledger, 'new', '20', 200_000_000);
  await account.end('new', 'filled', '50');
  await halt(account.ledger, MARKUP, 'ann@ops');
  await resume(account.ledger, 'it is well', 'ann@ops');
  await account.advance(60_000);
  await account.ledger.redis.zadd(key(account.name, 'fights'), account.nowMs() + 900_000, 'NEW|OLD');
  // What no command of the ledger would write.
  await account.ledger.redis.xadd(
    key(account.name, 'events'),
    ...['*', 'type', 'closed', 'at_ms', `${account.nowMs() - 1}`, 'cause', ESCAPE, 'reason', MARKUP],
  );
  await account.ledger.redis.zadd(
    key(account.name, 'steals'),
    account.nowMs() - 40_000,
    `<img src=x onerror=alert(3)${ESCAPE}>OLD#x`,
  );
  await spreadEvents(account, account.healthMs());
});

it('tells on a terminal what happened, in aligned tables', async () => {
  const text = await report(account.name);
  expect(text).toMatch(/^admits +yes$/m);
  expect(text).toMatch(/^cap +\$1,000, 90\.0% used, \$100 free$/m);
  expect(text).toMatch(/^most used +100\.0%$/m);
  expect(text).toMatch(/^orders +2 admitted, 1 filled, 1 in part, 2 ended$/m);
  expect(text).toMatch(/^steals +1, of them 1 granted, 0 failed$/m);
  expect(text).toMatch(/^of the cap +[▁▂▃▄▅▆▇█]{20,}$/m);
  expect(text).toMatch(/^THIEF +VICTIM +STEALS +GRANTED +FAILED +GAIN +REGRET +LAST +FIGHT/m);
  expect(text).toMatch(/^NEW +OLD +1 +1 +0 +9 +0 +2025-01-15 15:02:00Z +fight/m);
  expect(text).toMatch(/^steals +0 watched to the end, 1 still watched$/m);
  expect(text).toMatch(/^a steal +not enough to say: 0 steals were watched to the end, 30 are needed$/m);
  expect(text).toMatch(/^not close enough +1 +1 +2025-01-15 15:02:02Z +\|.*\|$/m);
  expect(text).toMatch(/^confirmed +1; p50 2\.0 s, p99 2\.0 s, last 2\.0 s$/m);
  expect(text).toMatch(/^2025-01-15 15:02:02Z +halted +the account is halted by ann@ops: /m);
  expect(text).not.toMatch(/events begin/);
  expect(text).not.toContain('\u001b');
});

it('has the same as JSON, and since an instant only what came then', async () => {
  const all = REPORT.parse(JSON.parse(await report(account.name, '--json')));
  expect(all).toMatchObject({
    complete: true,
    summary: {
      admits: 'yes',
      capMicros: 1_000_000_000,
      admitted: 2,
      steals: 1,
      granted: 1,
      filled: 1,
      fills: 2,
      ended: 2,
    },
    pairs: [
      { thief: '<img src=x onerror=alert(3)?[2J', victim: 'OLD', steals: 1, granted: 0, failed: 0 },
      { thief: 'NEW', victim: 'OLD', steals: 1, granted: 1, failed: 0, gain: '9', regret: '0' },
    ],
    cameTo: { regret: '0', gain: '9', watched: 1, judged: 0, evidence: null },
    fights: [{ symbols: ['NEW', 'OLD'] }],
    refused: [{ reason: 'not_close_enough', wishes: 1, times: 1 }],
    cancels: { count: 1, p50Ms: 2_000 },
  });
  expect(all.capacity.at(-1)).toMatchObject({ positionsMicros: 500_000_000, workingMicros: 400_000_000 });
  const late = REPORT.parse(JSON.parse(await report(account.name, '--json', '--since', '30s')));
  expect(late).toMatchObject({
    pairs: [],
    refused: [],
    events: [{ type: 'closed' }],
    cancels: { count: 0 },
    complete: true,
  });
  expect(late.capacity[0]).toMatchObject({ positionsMicros: 500_000_000 });
});

it('is one HTML file without a script or a reference, in which every text is text', async () => {
  const file = join(folder, 'report.html');
  expect(await report(account.name, '--html', file)).toBe(`wrote ${file}\n`);
  const html = readFileSync(file, 'utf8');
  expect(await report(account.name, '--html', '-')).toBe(html);
  expect(html).toContain('&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;');
  expect(html).not.toMatch(/<script|<img|<link|<iframe|https?:|url\(|@import|<[^>]*\son\w+=/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
  expect(html).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  expect(html.match(/<svg [^>]*role="img" aria-label="[^"]+/g)?.length).toBeGreaterThanOrEqual(3);
  expect(html).toContain('<th scope="row">NEW</th>');
  expect(html).toMatch(/class="is-some is-fight">1 <span class="fight">/);
  expect(html).toMatch(/prefers-color-scheme:dark[\s\S]*@media print/);
  for (const tag of ['section', 'table', 'svg', 'td', 'ul', 'dl', 'figure'])
    expect(html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length, tag).toBe(html.split(`</${tag}>`).length - 1);
});

it('says where the stream was trimmed', async () => {
  const trimmed = await ledgers.account();
  const { redis } = trimmed.ledger;
  const stream = key(trimmed.name, 'events');
  await redis.del(stream);
  const many = `for at = 1, 20001 do
    redis.call('XADD', KEYS[1], ARGV[1] .. '-' .. at, 'type', 'working', 'at_ms', ARGV[1], 'order', 'a')
  end`;
  const fromMs = trimmed.healthMs() - 60_000;
  await redis.eval(many, 1, stream, fromMs);
  expect(await report(trimmed.name)).toMatch(
    /^events begin at 2025-01-15 14:59:00Z: earlier ones were dropped, so capacity, cancellations,/m,
  );
  expect(await report(trimmed.name)).toMatch(/^of the cap +no event tells of it$/m);
  expect(await report(trimmed.name, '--since', '10s')).not.toMatch(/events begin/);
});

it('refuses what it can not do, in words, and touches no file', async () => {
  const file = join(folder, 'kept.html');
  writeFileSync(file, 'kept');
  const refused: [string[], RegExp][] = [
    [['--since', '0'], /--since: "0" is neither a time ago \(90s, 10m, 2h, 1d\) nor an ISO instant/],
    [['--since', '1y'], /--since: "1y" is neither a time ago/],
    [['--since', '0s'], /--since: "0s" is not in the past: the period would be empty/],
    [['--since', '2999-01-01T00:00:00Z'], /is not in the past/],
    [['--html', ''], /--html: the name of the file is empty/],
    [['--html', '-', '--json'], /--html - and --json both print: name a file/],
    [['--html', folder], /cannot be written \(it is a folder\)/],
    [['--html', join(folder, 'none', 'x.html')], /x\.html: cannot be written \(there is no such folder\)/],
  ];
  for (const [args, words] of refused)
    expect(await failure(report(account.name, ...args))).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(words),
    });
  expect(await failure(report('nobody', '--html', file))).toMatchObject({ code: 'unknown' });
  expect(readFileSync(file, 'utf8')).toBe('kept');
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
