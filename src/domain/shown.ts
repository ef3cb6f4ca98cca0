/**
 * Makes foreign text safe to print in a message: shortened, and without control characters for a terminal.
 */

const MAX_CHARACTERS = 60;

/**
 * At most `limit` characters; a longer text ends with `...`. Control characters become `?`; what nobody sees,
 * such as a space without width, becomes its number: `<U+200B>`.
 */
export function shown(text: string, limit = MAX_CHARACTERS): string {
  const short = text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
  return short.replaceAll(/\p{Cc}/gu, '?').replaceAll(/[\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (char) => {
    const number = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `<U+${number}>`;
  });
}
