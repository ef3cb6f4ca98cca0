/** What a terminal shows: widths of characters, cut lines, and a view that is drawn again. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { terminalView } from '../../src/cli/terminal/view.ts';
import { cutLine, widthOf, wrapped } from '../../src/cli/terminal/width.ts';

const ESC = String.fromCharCode(27);

it.each([
  ['plain', 5],
  ['', 0],
  ['Zürich', 6],
  ['e\u0301', 1],
  ['東京', 4],
  ['ｗ', 2],
  ['한국', 4],
  ['🚀', 2],
  ['👩‍🚀', 2],
  ['a\u200bb', 2],
  ['…', 1],
])('%j takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

describe('a line that is too long', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abcdef', 1, '…'],
    ['東京都', 5, '東京…'],
    ['東京都', 4, '東…'],
    ['東a', 2, '…'],
  ])('%j at %i columns is %j', (line, width, cut) => {
    expect(cutLine(line, width)).toBe(cut);
  });

  it('keeps what ends its colours', () => {
    expect(cutLine(`${ESC}[31mabc${ESC}[39m def`, 5)).toBe(`${ESC}[31mabc${ESC}[39m …`);
    expect(cutLine(`${ESC}[31mabcdef${ESC}[39m`, 3)).toBe(`${ESC}[31mab${ESC}[39m…`);
  });
});

it.each([
  ['one two three', 8, 2, ['one two', '  three']],
  ['abcdefgh', 3, 0, ['abc', 'def', 'gh']],
  ['one twothreefour', 6, 2, ['one', '  twot', '  hree', '  four']],
  ['short', 80, 4, ['short']],
])('%j at %i columns, indented by %i, is wrapped', (text, width, indent, lines) => {
  expect(wrapped(text, width, indent)).toEqual(lines);
});

/** A terminal that remembers what was written to it. */
class Terminal extends EventEmitter {
  columns = 10;
  rows = 4;
  written = '';
  write(text: string): boolean {
    this.written += text;
    return true;
  }
  /** What was written since the last call. */
  take(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

function aView(): { terminal: Terminal; view: ReturnType<typeof terminalView> } {
  const terminal = new Terminal();
  const view = terminalView(terminal as unknown as NodeJS.WriteStream);
  return { terminal, view };
}

describe('a view', () => {
  it('hides the cursor, and shows it again at the end', () => {
    const { terminal, view } = aView();
    expect(terminal.take()).toBe(`${ESC}[?25l`);
    view.end();
    expect(terminal.take()).toBe(`${ESC}[?25h`);
    view.draw(() => ['late']);
    terminal.emit('resize');
    expect(terminal.take()).toBe('');
  });

  it('replaces the lines that it has drawn', () => {
    const { terminal, view } = aView();
    view.draw(() => ['a', 'b']);
    terminal.take();
    view.draw(() => ['c']);
    expect(terminal.take()).toBe(`${ESC}[2A\r${ESC}[0Jc\n`);
  });

  it('cuts long lines, and counts those that the screen has no room for', () => {
    const { terminal, view } = aView();
    terminal.take();
    view.draw(() => ['0123456789', '01234567890', 'third', 'fourth', 'fifth']);
    expect(terminal.take()).toBe(`${ESC}[0J0123456789\n012345678…\n… 3 more …\n`);
  });

  it('is drawn again on a clear screen, at the new width, when the terminal is resized', () => {
    const { terminal, view } = aView();
    view.draw((columns) => [`${columns} wide`]);
    terminal.take();
    terminal.columns = 7;
    terminal.emit('resize');
    expect(terminal.take()).toBe(`${ESC}[2J${ESC}[H${ESC}[0J7 wide\n`);
  });
});
