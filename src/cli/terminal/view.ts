/** A part of a terminal that is drawn again and again, such as `worksteal status --watch`. */
import { cutLine } from './width.ts';

/** Lines for a terminal of so many columns. */
export type Frame = (columns: number) => readonly string[];

type Output = Pick<NodeJS.WriteStream, 'write' | 'on' | 'off' | 'columns' | 'rows'>;

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[0J';
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

/**
 * `draw` replaces the previous lines. A line that is too long ends in `…`; lines that the screen has no room
 * for are counted in the last one. The last frame is drawn again when the terminal is resized. `end` leaves
 * the last frame where it is and restores the cursor; nothing is drawn after it.
 */
export function terminalView(output: Output): { draw(frame: Frame): void; end(): void } {
  let height = 0;
  let last: Frame | undefined;
  let ended = false;
  const put = (before: string, frame: Frame): void => {
    const columns = output.columns || 80;
    const lines = clipped(
      frame(columns).map((line) => cutLine(line, columns)),
      Math.max(1, (output.rows || 24) - 1),
      columns,
    );
    output.write(`${before}${CLEAR_BELOW}${lines.join('\n')}\n`);
    height = lines.length;
  };
  // The terminal has wrapped the old lines in its own way: how many there are now is not known.
  const onResize = (): void => {
    if (last !== undefined) put(CLEAR_SCREEN, last);
  };
  output.write(HIDE_CURSOR);
  output.on('resize', onResize);
  return {
    draw(frame) {
      if (ended) return;
      last = frame;
      put(height > 0 ? `\x1b[${height}A\r` : '', frame);
    },
    end() {
      ended = true;
      output.off('resize', onResize);
      output.write(SHOW_CURSOR);
    },
  };
}

/** At most `rows` lines; the last of them says how many are left out. */
function clipped(lines: readonly string[], rows: number, columns: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const kept = lines.slice(0, rows - 1);
  return [...kept, cutLine(`… ${lines.length - kept.length} more lines`, columns)];
}
