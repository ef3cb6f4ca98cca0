/** The regions, in the order of an operator's questions. */
import { isStale } from '../state/beat.ts';
import { isNarrow } from '../state/narrow.ts';
import { session } from '../state/session.ts';
import { account, selected } from '../state/view.ts';
import { Announcer } from './announcer.tsx';
import { Book } from './book.tsx';
import { Capacity } from './capacity.tsx';
import { Drawer } from './drawer.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Past } from './past.tsx';
import { SignIn } from './sign-in.tsx';
import { Steals } from './steals.tsx';
import { StuckRow } from './stuck.tsx';
import { Waiting } from './waiting.tsx';

export function Page() {
  if (session.value === null) return <SignIn />;
  const classes = ['page', isStale.value && 'is-stale', selected.value !== null && 'has-drawer'];
  // On a phone nothing behind the drawer can be reached.
  const isCovered = isNarrow.value && selected.value !== null;
  return (
    <div class={classes.filter(Boolean).join(' ')}>
      <div class="regions" inert={isCovered}>
        <Header />
      </div>
      <main class="main">
        <div class="regions" inert={isCovered}>
          <Capacity />
          <StuckRow />
          <Book key={`book of ${account.value}`} />
          <Steals key={`steals of ${account.value}`} />
          <Waiting />
          <Past />
        </div>
        <Drawer />
      </main>
      <Help />
      <Announcer />
    </div>
  );
}
