/** The file of this program, `.ts` as a source and `.js` as built: for processes that it starts. */
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));
