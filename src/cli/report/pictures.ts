/** The report's pictures as inline SVG. What they show stands beside them in words. Colours are classes. */
import { usd } from '../../domain/amounts.ts';
import type { Capacity } from '../../json/history.ts';
import { escaped } from './escape.ts';
import { clock } from './words.ts';

/** From the bottom up. */
export const PARTS = [
  ['positions', 'positionsMicros'],
  ['working', 'workingMicros'],
  ['reserved', 'reservedMicros'],
  ['cancelling', 'cancellingMicros'],
  ['earmarked', 'earmarkedMicros'],
] as const;

const [WIDTH, HEIGHT, TOP, BOTTOM] = [920, 210, 14, 22];

/**
 * What held the cap over time, in stacked steps; the cap as a line.
 * @param words the same for those who see no picture
 */
export function capacityPicture(samples: readonly Capacity[], stepMs: number, words: string): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return '';
  const endMs = last.atMs + stepMs;
  const highest = Math.max(
    1,
    ...samples.map(({ capMicros, positionsMicros, ordersMicros }) =>
      Math.max(capMicros, positionsMicros + ordersMicros),
    ),
  );
  const x = (ms: number): string => (((ms - first.atMs) / (endMs - first.atMs)) * WIDTH).toFixed(1);
  const y = (micros: number): string =>
    (HEIGHT - BOTTOM - (micros / highest) * (HEIGHT - BOTTOM - TOP)).toFixed(1);
  const line = (values: readonly number[]): string =>
    values
      .map(
        (value, at) =>
          `${x(samples[at]?.atMs ?? endMs)},${y(value)} ${x(samples[at + 1]?.atMs ?? endMs)},${y(value)}`,
      )
      .join(' ');
  let below = samples.map(() => 0);
  const areas = PARTS.map(([name, field]) => {
    const above = samples.map((sample, at) => (below[at] ?? 0) + sample[field]);
    const lower = line(below).split(' ').reverse().join(' ');
    const area = above.some((value, at) => value !== below[at])
      ? `<polygon class="of-${name}" points="${line(above)} ${lower}"/>`
      : '';
    below = above;
    return area;
  });
  const middle = (first.atMs + endMs) / 2;
  const time = (ms: number, anchor: string): string =>
    `<text x="${x(ms)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${clock(ms)}</text>`;
  return [
    `<svg class="capacity" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(words)}">`,
    ...areas,
    `<polyline class="cap" points="${line(samples.map(({ capMicros }) => capMicros))}"/>`,
    `<line class="axis" x1="0" x2="${WIDTH}" y1="${y(0)}" y2="${y(0)}"/>`,
    `<text x="0" y="10">cap ${escaped(usd(last.capMicros, 0))}</text>`,
    ...[time(first.atMs, 'start'), time(middle, 'middle'), time(endMs, 'end')],
    '</svg>',
  ].join('');
}

/** Numbers as bars. */
export function barsPicture(values: readonly number[], highest: number, words: string): string {
  const path = values
    .map((value, at) => {
      if (value <= 0) return '';
      const height = Math.max(1.5, (value / highest) * 20).toFixed(1);
      return `M${at} 20v-${height}h.8v${height}z`;
    })
    .join('');
  return (
    `<svg class="bars" viewBox="0 0 ${Math.max(1, values.length)} 20" preserveAspectRatio="none" ` +
    `role="img" aria-label="${escaped(words)}"><path d="${path}"/></svg>`
  );
}
