import { signal } from '@preact/signals';

/** Is the list of keys shown? */
export const isHelpOpen = signal(false);
