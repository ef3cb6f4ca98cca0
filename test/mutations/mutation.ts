/** One line of the product broken on purpose, and the test that must find it. */
export type Mutation = {
  /** What is broken, as a sentence. */
  readonly name: string;
  /** The file, from the root of the package. */
  readonly file: string;
  /** Text of it that occurs exactly once. */
  readonly text: string;
  /** What stands there instead. */
  readonly broken: string;
  /** The test file that must fail, from the root of the package; its folder under test/ names the project. */
  readonly by: string;
  /**
   * Part of the name of a test or of a group of tests, which alone is run; the whole file where it is left
   * out.
   */
  readonly test?: string;
};

/** The file's text with the mutation; throws where the text is not there exactly once. */
export function mutated({ name, file, text, broken }: Mutation, whole: string): string {
  const times = whole.split(text).length - 1;
  if (times !== 1) throw new Error(`"${name}": the text is ${times} times in ${file}, not once`);
  return whole.replace(text, () => broken);
}

/** `[name, text, broken, part of the tests' names]` */
export type Row = readonly [name: string, text: string, broken: string, test?: string];

/** Mutations of one file that one test file finds. */
export function mutationsOf(file: string, by: string, rows: readonly Row[]): Mutation[] {
  return rows.map(([name, text, broken, test]) => ({
    name,
    file,
    text,
    broken,
    by,
    ...(test === undefined ? {} : { test }),
  }));
}
