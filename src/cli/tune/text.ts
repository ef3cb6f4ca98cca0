/** The picks for a terminal, and the settings file. */
import type { z } from 'zod';
import { counted } from '../../domain/amounts.ts';
import { bps } from '../../evidence/verdict.ts';
import type { Section } from '../../inspection/reading.ts';
import type { TUNE } from '../../json/tune.ts';
import { dataWords, ordersWords, sharesWords } from '../evaluate/words.ts';

export type Tuning = Omit<z.output<typeof TUNE>, 'schema'>;

const texts = (title: string | null): Section => ({
  ...{ title, head: [], align: 'll', rows: [], importance: [], more: 0 },
});

export function sectionsOf(tuning: Tuning): Section[] {
  const { data, seed, seeds, size, costBps, candidates, gapDays, picks, inSample, outOfSample: out } = tuning;
  const interval = `${bps(out.mean)}, 95 % interval ${bps(out.low)} .. ${bps(out.high)}`;
  return [
    {
      ...texts(null),
      rows: [
        ...dataWords(data),
        ['orders', `${sharesWords(size)}, ${costBps} bps a fill`],
        ['path seeds', `${seed} .. ${seed + seeds - 1}`],
        [
          'candidates',
          `${candidates.length}, none among them; ` +
            `nothing learned in ${counted(gapDays, 'day')} before a stretch`,
        ],
      ],
    },
    {
      title: 'picked on the past, judged on what came after; less none, bps of equity a day',
      head: ['FROM', 'TO', 'PICK', 'IN SAMPLE', 'OUT OF SAMPLE'],
      align: 'lllrr',
      importance: [1, 3, 1, 2, 1],
      rows: picks.map((one) => [one.from, one.to, one.pick, bps(one.inSample), bps(one.outOfSample)]),
      more: 0,
    },
    {
      ...texts('all stretches'),
      rows: [
        ['in sample', bps(inSample)],
        ['out of sample', interval],
      ],
    },
    { ...texts('what to set'), rows: [[wordsOf(tuning)]] },
  ];
}

export function wordsOf({ shown, now, outOfSample: out }: Tuning): string {
  if (shown) return `${now}: what was picked on the past earned more than first come on what came after`;
  if (out.low > 0) return 'nothing: the picks earned more than first come, but on all days none is the best';
  return (
    `nothing could be shown: out of sample the picks are not above first come ` +
    `(could have seen ${bps(out.couldSee, false)} bps a day)`
  );
}

/** For WORKSTEAL_CONFIG. */
export function settingsFile(tuning: Tuning): string {
  const { data, seed, seeds, size, costBps, outOfSample: out, settings } = tuning;
  const lines = [
    `# worksteal tune, ${data.days} days of ${data.symbols} symbols, ${ordersWords(size)},`,
    `# ${costBps} bps a fill, path seeds ${seed} .. ${seed + seeds - 1}.`,
    '# Out of sample, more than none, bps of equity a day:',
    `# ${bps(out.mean)} (${bps(out.low)} .. ${bps(out.high)}).`,
    ...Object.entries(settings ?? {}).map(([name, value]) => `${name}=${value}`),
  ];
  return `${lines.join('\n')}\n`;
}
