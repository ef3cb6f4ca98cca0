/** The inspection commands on a real terminal: what fits is shown, Ctrl-C and a resize leave it in order. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { widthOf } from '../../src/cli/terminal/width.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { PROGRAM } from '../support/program.ts';
import { isAvailable, PseudoTerminal } from '../support/pseudo-terminal.ts';

const ledgers = useLedgers();
const ESC = String.fromCharCode(27);

/** Thirty orders that work, each with a long id. */
async function aFullBook(): Promise<TestAccount> {
  const account = await ledgers.account({ equity: '100000' });
  await account.prices({ MSFT: '110' });
  for (let i = 1; i <= 30; i += 1)
    await account.place(anOrder(`a-plan-with-a-long-name-${i}_1`).of('MSFT').at('100').worth(100));
  return account;
}

function onTerminal(size: { columns: number; rows: number }, account: TestAccount, ...args: string[]) {
  const command = [process.execPath, PROGRAM, ...args];
  const env = { ...CHILD_ENV, REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name };
  const terminal = new PseudoTerminal(size, command, { ...env, NO_COLOR: '1' });
  onTestFinished(() => terminal.kill());
  return terminal;
}

/** The lines, without the codes that move the cursor or clear the screen. */
function lines(output: string): string[] {
  return output
    .replaceAll(new RegExp(`${ESC}\\[[?\\d;]*[A-Za-z]`, 'g'), '')
    .replaceAll('\r', '')
    .trimEnd()
    .split('\n');
}

describe.runIf(isAvailable)('on a terminal', () => {
  it('of 60 columns a table drops columns by importance, and says which', async () => {
    const terminal = onTerminal({ columns: 60, rows: 20 }, await aFullBook(), 'orders', '--limit', '2');
    expect(await terminal.ended()).toBe(0);
    const [title, without, others, head, , , more] = lines(terminal.output);
    expect(title).toBe('orders: 2 of 30');
    expect(head?.split(/ {2,}/)).toEqual(['ORDER', 'SYMBOL', 'STATE', 'HELD']);
    expect(more).toBe('... 28 more');
    expect(without).toBe('… without SIDE, KIND, LIMIT, QTY, FILLED, PNL, PRICE,');
    expect(others).toBe('  DISTANCE, VICTIM, ROBBED BY, PLAN, AGE');
    for (const line of lines(terminal.output)) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  it.each([
    ['check', [], /^keeper +not well .*[\s\S]*^ {10,}-> start/m],
    ['cancel', ['--all-entries'], /^… without SYMBOL, AT THE BROKER$/m],
    ['plan', ['-', '--dry-run'], /^\+ {2}AAPL .*\n {3,}.*$/m],
  ])('of 60 columns %s cuts nothing off', async (name, args, shows) => {
    const terminal = onTerminal({ columns: 60, rows: 40 }, await aFullBook(), name, ...args);
    if (name === 'plan') {
      const row = { symbol: 'AAPL', limit: 228.1, qty: 5, pnl: 12.5, take_profit: 233 };
      terminal.type(`${JSON.stringify([row])}\r\x04`);
    }
    if (name === 'cancel') {
      await terminal.shows(/cancel these 30\?/);
      terminal.type('n\r');
    }
    await terminal.ended();
    expect(lines(terminal.output).join('\n')).toMatch(shows);
    for (const line of lines(terminal.output).filter((text) => !/^(\[\{|\[\d)/.test(text)))
      expect(widthOf(line), line).toBeLessThanOrEqual(60);
  });

  it('--watch says how many lines the screen has no room for', async () => {
    const terminal = onTerminal({ columns: 80, rows: 10 }, await aFullBook(), 'orders', '--watch');
    await terminal.shows(/… \d+ more lines/);
    expect(lines(terminal.output).slice(0, 9).at(-1)).toBe('… 25 more lines');
  });

  it('Ctrl-C ends --watch with 130 and restores the cursor', async () => {
    const terminal = onTerminal({ columns: 80, rows: 24 }, await aFullBook(), 'status', '--watch');
    await terminal.shows(/admits/);
    expect(terminal.output).toContain(`${ESC}[?25l`);
    terminal.type('\x03');
    expect(await terminal.ended()).toBe(130);
    expect(terminal.output.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(terminal.output.lastIndexOf('admits'));
  });

  it('a resize clears the screen and draws at the new width', async () => {
    const terminal = onTerminal({ columns: 120, rows: 24 }, await aFullBook(), 'orders', '--watch');
    await terminal.shows(/HELD/);
    const before = terminal.output.length;
    terminal.resize(50, 12);
    await terminal.shows(/… without/, before);
    const redrawn = terminal.output.slice(before);
    expect(redrawn).toContain(`${ESC}[2J${ESC}[H`);
    const after = redrawn.slice(redrawn.indexOf(`${ESC}[2J`));
    for (const line of lines(after)) expect(widthOf(line)).toBeLessThanOrEqual(50);
  });

  it.each([
    ['q', 0],
    ['\x03', 130],
  ])('top fits the screen, is drawn again at another size, and ends with %j', async (key, code) => {
    const account = await aFullBook();
    const terminal = onTerminal({ columns: 60, rows: 18 }, account, 'top');
    await terminal.shows(/total {2}[█░]{24} 3.00 % {2}\$97[\s\S]*… without[\s\S]*… \d+ more lines/);
    for (const line of lines(terminal.output)) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(terminal.output).not.toContain(`${ESC}[3`);
    const before = terminal.output.length;
    terminal.resize(110, 60);
    await terminal.shows(/DISTANCE[\s\S]*steals, newest/, before);
    terminal.type(key);
    expect(await terminal.ended()).toBe(code);
    expect(terminal.output.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(terminal.output.lastIndexOf('admits'));
  });

  it('Ctrl-C ends tail with 130', async () => {
    const terminal = onTerminal({ columns: 80, rows: 24 }, await aFullBook(), 'tail', '--since', '1h');
    await terminal.shows(/works at the broker/);
    terminal.type('\x03');
    expect(await terminal.ended()).toBe(130);
  });

  it('Ctrl-C ends plan --watch with 130', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-terminal-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'alpha.csv');
    writeFileSync(file, 'symbol,side,limit,qty,pnl\nMSFT,buy,90,1,2\n');
    const terminal = onTerminal({ columns: 80, rows: 24 }, await aFullBook(), 'plan', file, '--watch');
    await terminal.shows(/MSFT/);
    terminal.type('\x03');
    expect(await terminal.ended()).toBe(130);
  });
});
