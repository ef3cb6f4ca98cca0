/** Text in HTML and its attributes. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text: what HTML would take for markup stands as itself, control characters as `?`. */
export function escaped(text: string | number): string {
  return String(text)
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
    .replaceAll(/(?!\n)\p{Cc}/gu, '?');
}
