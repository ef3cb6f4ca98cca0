/** `q` on a terminal. Keys are read one by one and not echoed; Ctrl-C still interrupts. */
import type { ReadStream } from 'node:tty';

type Input = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

const CTRL_C = '\x03';

/** `signal` aborts when `q` is typed; never if the input is no terminal. `end` gives the terminal back. */
export function quitKey(input: Input): { signal: AbortSignal; end(): void } {
  const quitting = new AbortController();
  if (!input.isTTY) return { signal: quitting.signal, end: () => {} };
  const onData = (keys: Buffer): void => {
    const text = keys.toString();
    if (text.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
    else if (text.includes('q')) quitting.abort();
  };
  input.setRawMode(true);
  input.on('data', onData);
  input.resume();
  return {
    signal: quitting.signal,
    end() {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
    },
  };
}
