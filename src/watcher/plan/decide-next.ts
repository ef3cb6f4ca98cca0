/**
 * The state machine of a plan, as a pure function: what its watcher does next, given what is known. Equal
 * views give equal actions, so any host can continue where another one stopped.
 *
 *   waiting -> entering -> holding -> exiting -> done
 *   waiting, entering -> withdrawn, expired
 *
 * In each stage the first row that applies counts. "Next" is the stage after the action succeeded;
 * `waiting+1` means waiting with the next attempt; `keep` goes on with the next attempt, too. A refused
 * `enter` changes nothing but the backoff; two cases lead to waiting+1: its steal failed, or its room came
 * too late, because the price has moved away, and was given back. An exit that ended is followed by the next
 * exit attempt. "Has an exit": the plan has a take-profit or a holding time.
 *
 * | stage     | when                                               | action                     | next      |
 * |-----------|----------------------------------------------------|----------------------------|-----------|
 * | waiting   | its entry was reported live, but not looked up     | look                       | waiting   |
 * | waiting   | its entry is open at the broker                    | resume                     | entering  |
 * | waiting   | it was withdrawn                                   | finish withdrawn           | withdrawn |
 * | waiting   | it has expired                                     | finish expired             | expired   |
 * | waiting   | the host is shutting down                          | wait stopping              | waiting   |
 * | waiting   | its start time has not come                        | wait not_started           | waiting   |
 * | waiting   | it waits for room; the price is out of tolerance   | leave far                  | waiting   |
 * | waiting   | it waits for room; there is no fresh price         | leave no_price             | waiting   |
 * | waiting   | a backoff is running, or its turn has not come     | wait paused                | waiting   |
 * | waiting   | there is no fresh price                            | wait no_price              | waiting   |
 * | waiting   | the price is out of tolerance, not forced by rank  | wait far                   | waiting   |
 * | waiting   | otherwise                                          | enter                      | entering  |
 * | entering  | its entry was not looked up                        | look                       | entering  |
 * | entering  | nobody knows the entry; it was withdrawn           | finish withdrawn           | withdrawn |
 * | entering  | nobody knows the entry; it has expired             | finish expired             | expired   |
 * | entering  | nobody knows the entry                             | reconsider                 | waiting   |
 * | entering  | the entry ended with a fill                        | hold                       | holding   |
 * | entering  | the entry ended unfilled; it was withdrawn         | finish withdrawn           | withdrawn |
 * | entering  | the entry ended unfilled; it has expired           | finish expired             | expired   |
 * | entering  | a thief took its room and left it a part           | keep                       | entering  |
 * | entering  | a thief took the room of the entry                 | retry robbed               | waiting+1 |
 * | entering  | a person cancelled the entry; rule `withdraw`      | finish withdrawn           | withdrawn |
 * | entering  | a person cancelled the entry; pause not over       | wait by_hand               | entering  |
 * | entering  | the broker rejected the entry                      | retry rejected             | waiting+1 |
 * | entering  | the entry ended for another reason                 | retry ended                | waiting+1 |
 * | entering  | the first fill of an open entry; has an exit       | hold_part                  | entering  |
 * | entering  | the entry works; it was withdrawn                  | cancel_entry withdrawn     | entering  |
 * | entering  | the entry works; it has expired                    | cancel_entry expired       | entering  |
 * | entering  | the entry works; nothing filled, or has no exit    | wait working               | entering  |
 * | entering  | partly filled; rule `rest`, exit not due           | wait partly_filled         | entering  |
 * | entering  | partly filled; a backoff is running                | wait paused                | entering  |
 * | entering  | partly filled                                      | cancel_entry partly_filled | entering  |
 * | entering  | the entry is being cancelled                       | wait cancelling            | entering  |
 * | entering  | the entry was sent; the broker has not confirmed   | wait reserved              | entering  |
 * | entering  | the entry was never sent; the plan was withdrawn   | release withdrawn          | entering  |
 * | entering  | the entry was never sent; the plan has expired     | release expired            | entering  |
 * | entering  | the entry was never sent; the host shuts down      | release stopping           | entering  |
 * | entering  | the entry was never sent; there is no fresh price  | wait no_price              | entering  |
 * | entering  | the entry was never sent; a backoff is running     | wait paused                | entering  |
 * | entering  | the entry was never sent                           | enter                      | entering  |
 * | holding   | the held quantity is unknown                       | look                       | holding   |
 * | holding   | nothing is left to close, or it has no exit        | finish done                | done      |
 * | holding   | the host is shutting down                          | wait stopping              | holding   |
 * | holding   | a backoff is running                               | wait paused                | holding   |
 * | holding   | the holding time runs; no take-profit              | wait holding               | holding   |
 * | holding   | the holding time is over; there is no fresh price  | wait no_price              | holding   |
 * | holding   | otherwise                                          | exit                       | exiting   |
 * | exiting   | its exit or the held quantity was not looked up    | look                       | exiting   |
 * | exiting   | the exit was never sent                            | exit                       | exiting   |
 * | exiting   | the same; the host shuts down, or a backoff runs   | wait reserved              | exiting   |
 * | exiting   | the exit was sent; the broker has not confirmed    | wait reserved              | exiting   |
 * | exiting   | the exit works; time over, its limit not reached   | cancel_exit                | exiting   |
 * | exiting   | the exit works                                     | wait working               | exiting   |
 * | exiting   | the exit is being cancelled                        | wait cancelling            | exiting   |
 * | exiting   | the exit ended; nothing is left to close           | finish done                | done      |
 * | exiting   | a person cancelled the exit; its pause is not over | wait by_hand               | exiting   |
 * | exiting   | exit ended or unknown; the host is shutting down   | wait stopping              | exiting   |
 * | exiting   | exit ended or unknown; a backoff is running        | wait paused                | exiting   |
 * | exiting   | exit ended or unknown; time runs, no take-profit   | wait holding               | exiting   |
 * | exiting   | exit ended or unknown; time over, no fresh price   | wait no_price              | exiting   |
 * | exiting   | exit ended or unknown                              | exit                       | exiting   |
 * | done      |                                                    | wait ended                 | done      |
 * | withdrawn |                                                    | wait ended                 | withdrawn |
 * | expired   |                                                    | wait ended                 | expired   |
 *
 * A plan that is withdrawn or expires while it holds a position still exits as planned. A plan that a person
 * asked to close counts as withdrawn until it holds something; then it has an exit and its time is over. The
 * broker takes no exit beside an open entry of the same symbol. So the rest of a partly filled entry ends
 * before the exit.
 */
import { type Action, wait } from './action.ts';
import { whileEntering, whileWaiting } from './decide-entry.ts';
import { whileExiting, whileHolding } from './decide-exit.ts';
import type { View } from './view.ts';

export function decideNext(view: View): Action {
  switch (view.plan.stage) {
    case 'waiting':
      return whileWaiting(view);
    case 'entering':
      return whileEntering(view);
    case 'holding':
      return whileHolding(view);
    case 'exiting':
      return whileExiting(view);
    default:
      return wait('ended');
  }
}
