/** Says changes of state to those who don't see the page; politely, and only when something changed. */
import { useComputed } from '@preact/signals';
import { isStale } from '../state/beat.ts';
import { isLoaded, status } from '../state/book.ts';
import { admissionOf } from '../words/admission.ts';

export function Announcer() {
  const words = useComputed(() => {
    if (!isLoaded.value) return '';
    if (isStale.value) return 'The page is not up to date.';
    const now = status.value;
    if (now === null) return 'There is no such account yet.';
    // Without times, which change all the time.
    const { word, why } = admissionOf(now, now.syncedAtMs);
    return now.admits === 'unsynced' ? 'The account is unsynced.' : `The account ${word} ${why}`;
  });
  return (
    <p class="visually-hidden" aria-live="polite" data-part="announcer">
      {words}
    </p>
  );
}
