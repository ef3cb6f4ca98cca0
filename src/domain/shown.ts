/**
 * Makes foreign text safe to print in a message: shortened, and without control characters for a terminal.
 */

const MAX_CHARACTERS = 60;

/** At most `limit` characters; a longer text ends with `...`. Control characters become `?`. */
export function shown(text: string, limit = MAX_CHARACTERS): string {
  const short = text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
  return short.replaceAll(/\p{Cc}/gu, '?');
}
