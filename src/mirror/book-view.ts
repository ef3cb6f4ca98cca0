/** What viewers ask of the copy of a book. */
import type { Protected, Rules } from '../json/live.ts';
import type { Copy } from './copy.ts';
import {
  filterOrders,
  filterPlans,
  filterSteals,
  type OrderFilter,
  type PlanFilter,
  type StealFilter,
} from './lists.ts';
import type { PastReading } from './past.ts';
import type { OrderRow, PlanRow, StealRow } from './rows.ts';
import { takeableFirst } from './sorting.ts';

export class BookView {
  readonly copy: Copy;

  constructor(copy: Copy) {
    this.copy = copy;
  }

  get rules(): Rules | null {
    return this.copy.rules;
  }
  get protected(): readonly Protected[] {
    return this.copy.protected;
  }
  get past(): PastReading {
    return this.copy.past;
  }
  worstFirst(): OrderRow[] {
    return takeableFirst(this.copy.orders.live.rows());
  }
  order(id: string): OrderRow | undefined {
    return this.copy.orders.get(id);
  }
  orders(filter: OrderFilter): OrderRow[] {
    return filterOrders(this.copy.orders, filter);
  }
  plan(id: string): PlanRow | undefined {
    return this.copy.plans.get(id);
  }
  plans(filter: PlanFilter): PlanRow[] {
    return filterPlans(this.copy.plans, filter);
  }
  steal(id: string): StealRow | undefined {
    return this.copy.steals.steals.find(({ thief }) => thief === id);
  }
  steals(filter: StealFilter): StealRow[] {
    return filterSteals(this.copy.steals.steals, filter);
  }
}
