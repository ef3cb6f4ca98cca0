/**
 * How wide a text is on a terminal, in columns, and how it is cut or wrapped there. Wide characters
 * (Chinese, Japanese, Korean, emoji) take two columns; combining marks and colours take none.
 */

const PLAIN = /^[\x20-\x7e]*$/;
/** Codes of colours (SGR); their number is in no text that a command prints otherwise. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
const SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Hangul'].map((name) => `\\p{Script=${name}}`).join('|');
const FULL_WIDTH = String.raw`[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]`;
const NONE = /^[\p{M}\p{Cf}\p{Cc}]+$/u;

let wide: RegExp | undefined;
let segmenter: Intl.Segmenter | undefined;

/** Most texts need neither of these, and they take a tenth of the start of a command to make. */
function isWide(segment: string): boolean {
  wide ??= new RegExp(`^(\\p{Emoji_Presentation}|${SCRIPTS}|${FULL_WIDTH})`, 'u');
  return wide.test(segment);
}

function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The columns that a text without colours takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmentsOf(text)) width += widthOfSegment(segment);
  return width;
}

function widthOfSegment(segment: string): number {
  if (NONE.test(segment)) return 0;
  return isWide(segment) || segment.includes('\ufe0f') ? 2 : 1;
}

/** The beginning of a text without colours that takes at most so many columns. */
export function beginningOf(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, width));
  let kept = '';
  let left = width;
  for (const { segment } of segmentsOf(text)) {
    left -= widthOfSegment(segment);
    if (left < 0) break;
    kept += segment;
  }
  return kept;
}

/** A line, in colours or not, that takes at most so many columns; one that is cut ends in `…`. */
export function cutLine(line: string, width: number): string {
  if (widthOf(line.replaceAll(COLOR, '')) <= width) return line;
  let left = Math.max(0, width - 1);
  let kept = '';
  let at = 0;
  const take = (text: string): void => {
    const part = beginningOf(text, left);
    kept += part;
    // What does not fit ends the line, even if a narrower part would fit again.
    left = part.length < text.length ? 0 : left - widthOf(part);
  };
  for (const match of line.matchAll(COLOR)) {
    take(line.slice(at, match.index));
    kept += match[0];
    at = match.index + match[0].length;
  }
  take(line.slice(at));
  return width > 0 ? `${kept}…` : '';
}

/**
 * A text without colours as lines of at most so many columns, broken at blanks; a longer word is broken
 * anywhere. Lines after the first begin with `indent` blanks, where at least half of the width is left.
 */
export function wrapped(text: string, width: number, indent = 0): string[] {
  const hang = ' '.repeat(indent <= width / 2 ? indent : 0);
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width) {
    const most = beginningOf(rest, width);
    const blank = rest[most.length] === ' ' ? most.length : most.lastIndexOf(' ');
    const end = blank > (lines.length > 0 ? hang.length : 0) ? blank : Math.max(1, most.length);
    lines.push(rest.slice(0, end).trimEnd());
    rest = hang + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
