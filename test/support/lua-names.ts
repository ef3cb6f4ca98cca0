/** Which names a Lua file declares and which it uses; enough of Lua's grammar for the files of lua/. */

const KEYWORDS = new Set(
  (
    'and break do else elseif end false for function if in local nil not or repeat return then true ' +
    'until while'
  ).split(' '),
);

/** The text without comments, and with empty strings for all strings. */
function bare(text: string): string {
  return text.replace(/--[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, (part) =>
    part.startsWith('--') ? '' : "''",
  );
}

const listed = (names: string): string[] => names.split(',').map((name) => name.trim());

/** What the file declares for those who include it: its `local`s that stand at the beginning of a line. */
export function declared(text: string): Set<string> {
  const functions = [...bare(text).matchAll(/^local function (\w+)/gm)].map(([, name]) => name as string);
  const values = [...bare(text).matchAll(/^local (?!function\b)([\w, ]+)/gm)].flatMap(([, names]) =>
    listed(names as string),
  );
  return new Set([...functions, ...values]);
}

/** What the file uses and declares nowhere, not even in a function: globals, and names of its includes. */
export function used(text: string): Set<string> {
  const code = bare(text);
  const own = new Set<string>();
  for (const pattern of [
    /\blocal function (\w+)/g,
    /\blocal (?!function\b)([\w, ]+)/g,
    /\bfunction\s*\w*\s*\(([\w, .]*)\)/g,
    /\bfor ([\w, ]+?) (?:in\b|=)/g,
  ])
    for (const [, names] of code.matchAll(pattern)) for (const name of listed(names as string)) own.add(name);
  const names = new Set<string>();
  // Neither a field (`order.id`, `string:rep`) nor a key of a table (`{ id = 1, at = 2 }`).
  for (const [, name] of code.matchAll(
    /(?<![\w:]|(?<!\.)\.)([A-Za-z_]\w*)(?!\w)(?!\s*=(?!=)(?: function\b|[^\n]*[,}]))/g,
  ))
    if (!KEYWORDS.has(name as string) && !own.has(name as string)) names.add(name as string);
  return names;
}

/** The includes that a file names itself. */
export function included(text: string): string[] {
  return [...text.matchAll(/^ *--- @include "([a-z-]+)"$/gm)].map(([, name]) => name as string);
}
