/** How full the account was in the last 30 minutes. The canvas is for the eye; the caption says the same. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Capacity } from '../../json/history.ts';
import { history } from '../state/book.ts';
import { percent } from '../words/format.ts';

const HEIGHT_PX = 64;
/** Shows at least so much, so that the first minute is not a whole chart. */
const LEAST_S = 300;
const dark = matchMedia('(prefers-color-scheme: dark)');

export function Chart() {
  const box = useRef<HTMLDivElement>(null);
  const samples = history.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let chart: uPlot | undefined;
    const draw = (): void => {
      chart?.destroy();
      chart = new uPlot(optionsOf(element.clientWidth), dataOf(history.peek()), element);
    };
    draw();
    const stop = history.subscribe((now) => chart?.setData(dataOf(now)));
    const watch = new ResizeObserver(() => {
      if (chart?.width !== element.clientWidth)
        chart?.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    watch.observe(element);
    dark.addEventListener('change', draw);
    return () => {
      stop();
      watch.disconnect();
      dark.removeEventListener('change', draw);
      chart?.destroy();
    };
  }, []);
  return (
    <figure class={samples.length < 2 ? 'chart is-empty' : 'chart'}>
      <div ref={box} class="chart-box" aria-hidden="true" />
      <figcaption>{captionOf(samples)}</figcaption>
    </figure>
  );
}

function captionOf(samples: readonly Capacity[]): string {
  const shares = samples
    .filter(({ capMicros }) => capMicros > 0)
    .map(({ capMicros, positionsMicros, ordersMicros }) => (positionsMicros + ordersMicros) / capMicros);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || shares.length < 2) return 'use of the cap: no history yet';
  const minutes = Math.max(1, Math.round((last.atMs - first.atMs) / 60_000));
  const [least, most] = [percent(Math.min(...shares), 0), percent(Math.max(...shares), 0)];
  return `${least === most ? least : `${least} to ${most}`} of the cap used in ${minutes} min`;
}

/** From the bottom up; drawn the other way round, so that each covers what is above it. */
const PARTS = [
  ['positions', 'positionsMicros'],
  ['working', 'workingMicros'],
  ['reserved', 'reservedMicros'],
  ['cancelling', 'cancellingMicros'],
  ['earmarked', 'earmarkedMicros'],
] as const;

/** Seconds; what the cap holds up to each part, the topmost first; the cap. All in dollars. */
function dataOf(samples: readonly Capacity[]): uPlot.AlignedData {
  const below = samples.map(() => 0);
  const heights = PARTS.map(([, field]) =>
    samples.map((sample, at) => {
      below[at] = (below[at] ?? 0) + sample[field] / 1e6;
      return below[at];
    }),
  );
  return [
    samples.map(({ atMs }) => atMs / 1_000),
    ...heights.reverse(),
    samples.map(({ capMicros }) => capMicros / 1e6),
  ];
}

function optionsOf(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const area = (name: string): uPlot.Series => ({ fill: colour(name), stroke: colour(name), width: 1 });
  const last = (u: uPlot): number => u.data[0].at(-1) ?? 0;
  const first = (u: uPlot): number => Math.min(u.data[0][0] ?? 0, last(u) - LEAST_S);
  return {
    width: Math.max(1, width),
    height: HEIGHT_PX,
    padding: [4, 0, 1, 0],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: (u) => [first(u), last(u)] },
      y: { range: (_u, _least, most) => [0, (most || 1) * 1.04] },
    },
    series: [
      {},
      ...PARTS.map(([name]) => area(`--of-${name}`)).reverse(),
      { stroke: colour('--text'), width: 1, dash: [4, 3] },
    ].map((series, at) => (at === 0 ? series : { ...series, points: { show: false } })),
  };
}
