/** What @bomb.sh/tab prints, as a text: it has no other way to hand it over. */
export function captured(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...texts: unknown[]) => void lines.push(texts.join(' '));
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join('');
}
