/** How anybody's text stands in a sentence: shortened, and without what could steer a terminal. */

const LONGEST = 60;

/** At most `longest` characters, the last of them dots where it was longer; control characters as `?`. */
export function shown(text: string, longest = LONGEST): string {
  const short = text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
  return short.replaceAll(/\p{Cc}/gu, '?');
}
