/** Before the tests of a run: builds the program that their processes are, from the sources as they are. */
import { buildProgram } from '../build/program.ts';

/** Each project has its set-up; they share this process. */
const shared = globalThis as { programOfTests?: Promise<void> };

export async function setup(): Promise<void> {
  shared.programOfTests ??= buildProgram();
  await shared.programOfTests;
}
