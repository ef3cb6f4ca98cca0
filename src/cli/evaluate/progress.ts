/** How far a long command is, on one line of standard error that it overwrites; nothing on anything else. */

/** As much of standard error as is needed. */
export type ProgressOutput = { isTTY?: boolean; write(text: string): unknown };

const REDRAW_MS = 200;
/** Before that, an estimate says nothing. */
const ESTIMATE_FROM = 0.02;

/** @param now ms, monotonic */
export function progressLine(
  name: string,
  output: ProgressOutput,
  now: () => number = () => performance.now(),
): { at(share: number): void; end(): void } {
  const startedMs = now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    at(share) {
      if (output.isTTY !== true || now() - drawnMs < REDRAW_MS) return;
      drawnMs = now();
      drawn = true;
      output.write(`\r\x1b[K${name}: ${Math.floor(share * 100)} %${left(share, drawnMs - startedMs)}`);
    },
    end() {
      if (drawn) output.write('\r\x1b[K');
    },
  };
}

function left(share: number, elapsedMs: number): string {
  if (share < ESTIMATE_FROM || share >= 1) return '';
  const seconds = Math.ceil(((elapsedMs / share) * (1 - share)) / 1_000);
  if (seconds < 100) return `, about ${seconds} s left`;
  return `, about ${Math.ceil(seconds / 60)} min left`;
}
