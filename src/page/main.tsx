/** The live page of an account: what an operator sees within a second. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { Page } from './parts/page.tsx';
import { followSelection } from './state/detail.ts';
import { listenToKeys } from './state/keys.ts';
import { follow, stop } from './state/live.ts';
import { searchBeyond } from './state/search.ts';
import { openSession, session, takeToken } from './state/session.ts';
import { account, chooseAccount, readAddress } from './state/view.ts';
import './styles/base.css';
import './styles/layout.css';
import './styles/header.css';
import './styles/capacity.css';
import './styles/stuck.css';
import './styles/book.css';
import './styles/panels.css';
import './styles/past.css';
import './styles/drawer.css';
import './styles/dialog.css';
import './styles/narrow.css';

const RETRY_MS = 1_000;

takeToken();
readAddress();
listenToKeys();
followSelection();
searchBeyond();
effect(() => {
  const accounts = session.value?.accounts ?? [];
  const [first] = accounts;
  if (first !== undefined && !accounts.includes(account.value ?? '')) chooseAccount(first);
});
effect(() => {
  const name = account.value;
  if (session.value && name !== undefined && session.value.accounts.includes(name)) follow(name);
  else stop();
});

/** Until the server answers. */
function begin(): void {
  openSession().catch(() => setTimeout(begin, RETRY_MS));
}
begin();

render(<Page />, document.getElementById('page') as HTMLElement);
