/** All findings about one account, for a process that judges it again and again. */
import type { Ledger } from '../../ledger/ledger.ts';
import { diagnose, type Limits } from './diagnose.ts';
import { readFacts } from './facts.ts';
import { type Finding, judge, well } from './finding.ts';
import { unanswered } from './unanswered.ts';

/** Without the audit: the keeper makes it, and closes the account when it finds a fault. */
export async function judgeAccount(ledger: Ledger, limits: Limits): Promise<Finding[]> {
  try {
    const facts = await readFacts(ledger, true);
    // A ledger that did not answer may hold it or not.
    const account = judge('account', facts.status, () => well('account', 'the ledger holds it'));
    return [account, ...diagnose(facts, limits)];
  } catch (error) {
    return unanswered(error);
  }
}
