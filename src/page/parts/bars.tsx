/** Numbers as small bars, for the eye alone: what they say stands beside them in words. */

const HEIGHT = 16;
/** So high at least is what is not zero. */
const LEAST = 1.5;

/** @param highest the number that fills the height */
export function Bars({ values, highest }: { values: readonly number[]; highest: number }) {
  const path = values
    .map((value, at) => {
      if (value <= 0) return '';
      const height = Math.max(LEAST, (value / highest) * HEIGHT);
      return `M${at} ${HEIGHT}v${-height.toFixed(2)}h.8v${height.toFixed(2)}z`;
    })
    .join('');
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${Math.max(1, values.length)} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} fill="currentColor" />
    </svg>
  );
}
