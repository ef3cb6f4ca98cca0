/** The pictures of an answer as inline SVG. What they show stands beside them in words. */
import { escaped } from '../report/escape.ts';

const [WIDTH, LEFT, ROW, BOTTOM] = [920, 150, 24, 20];

/** One mean with its interval. `stands`: after the correction. */
export type ForestRow = { name: string; mean: number; low: number; high: number; stands: boolean };

/** Each mean as a dot on its interval, with a line at 0; on one scale. */
export function forestPicture(rows: readonly ForestRow[], unit: string, words: string): string {
  const most = Math.max(1e-9, ...rows.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const middle = (LEFT + WIDTH) / 2;
  const x = (value: number): string => (middle + (value / most) * (WIDTH - LEFT) * 0.47).toFixed(1);
  const height = rows.length * ROW + BOTTOM;
  const lines = rows.map(({ name, mean, low, high, stands }, at) => {
    const y = at * ROW + ROW / 2;
    return (
      `<text x="0" y="${y + 4}">${escaped(name)}</text>` +
      `<line class="interval${stands ? ' stands' : ''}" x1="${x(low)}" x2="${x(high)}" ` +
      `y1="${y}" y2="${y}"/>` +
      `<circle class="${stands ? 'stands' : 'mean'}" cx="${x(mean)}" cy="${y}" r="4"/>`
    );
  });
  const mark = (value: number): string =>
    `<text x="${x(value)}" y="${height - 4}" text-anchor="middle">${Number(value.toPrecision(2))}</text>`;
  return [
    `<svg class="forest" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(words)}">`,
    `<line class="axis" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${height - BOTTOM}"/>`,
    ...lines,
    ...[mark(-most), mark(0), mark(most)],
    `<text x="${LEFT}" y="${height - 4}">${escaped(unit)}</text>`,
    '</svg>',
  ].join('');
}

const [HEIGHT, MARGIN] = [110, 8];

/**
 * A sum that grows day by day, and the band in which chance alone would keep it 95 times in 100.
 * @param atEnd half the band's width at the last day; it grows as the root of the days
 */
export function sumPicture(sums: readonly number[], atEnd: number, words: string): string {
  const days = Math.max(1, sums.length);
  const most = Math.max(1e-9, atEnd, ...sums.map(Math.abs));
  const x = (day: number): string => ((day / days) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT / 2 - (value / most) * (HEIGHT / 2 - MARGIN)).toFixed(1);
  const steps = Array.from({ length: 61 }, (_, at) => (at / 60) * days);
  const band = (day: number): number => atEnd * Math.sqrt(day / days);
  const upper = steps.map((day) => `${x(day)},${y(band(day))}`);
  const lower = steps.toReversed().map((day) => `${x(day)},${y(-band(day))}`);
  const line = ['0', ...sums.map((_, at) => `${at + 1}`)].map(
    (day) => `${x(Number(day))},${y(Number(day) === 0 ? 0 : (sums[Number(day) - 1] ?? 0))}`,
  );
  return [
    `<svg class="sum" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(words)}">`,
    `<polygon class="band" points="${[...upper, ...lower].join(' ')}"/>`,
    `<line class="axis" x1="0" x2="${WIDTH}" y1="${y(0)}" y2="${y(0)}"/>`,
    `<polyline class="line" points="${line.join(' ')}"/>`,
    '</svg>',
  ].join('');
}

/** Shares of a whole, each with its class, as one bar. */
export function sharesPicture(
  parts: readonly (readonly [name: string, share: number])[],
  words: string,
): string {
  let from = 0;
  const rects = parts.map(([name, share]) => {
    const [x, width] = [(from * 100).toFixed(2), (share * 100).toFixed(2)];
    const rect = `<rect class="of-${name}" x="${x}" width="${width}" height="10"/>`;
    from += share;
    return rect;
  });
  return (
    '<svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" ' +
    `aria-label="${escaped(words)}">${rects.join('')}</svg>`
  );
}
