/** `worksteal top`: an account on one screen, drawn again every second. */
import { Command } from 'commander';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { everySecond } from './inspect/every-second.ts';
import { colorsFor, renderSections } from './inspect/render.ts';
import { writer } from './table.ts';
import { quitKey } from './terminal/quit-key.ts';
import { terminalView } from './terminal/view.ts';
import { wrapped } from './terminal/width.ts';
import { readScreen } from './top/screen.ts';

/** Where there is no terminal. */
const ROWS = 50;

export function topCommand(env: Env = process.env): Command {
  const command = new Command('top').description(
    'show an account on one screen, again every second: room, book, steals, refusals (q ends it)',
  );
  return withWhere(command).action(async (options: WhereOptions) => {
    const isTerminal = process.stdout.isTTY === true;
    const c = colorsFor(env, isTerminal);
    await withLedger(readWhere(options, env), async (ledger) => {
      if (!isTerminal) {
        writer(command)(`${renderSections(await readScreen(ledger, ROWS), c).join('\n')}\n`);
        return;
      }
      // An error before the first frame leaves the terminal as it was.
      await readScreen(ledger, ROWS);
      const quit = quitKey(process.stdin);
      const view = terminalView(process.stdout);
      try {
        await everySecond({
          show: async () => {
            const sections = await readScreen(ledger, process.stdout.rows || ROWS);
            view.draw((width) => renderSections(sections, c, width));
          },
          complain: (message) => view.draw((width) => wrapped(message, width).map(c.red)),
          quit: quit.signal,
        });
      } finally {
        view.end();
        quit.end();
      }
    });
  });
}
