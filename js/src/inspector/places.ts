// What has been fetched of which step, kept while a view lives: what was seen stays readable without the kernel too.
import type { Step, View } from "../protocol.gen";
import type { InspectStep, InspectWhat } from "../transport/questions";
import { type Fetch, Place } from "./values";

/** So many are kept; each may hold what the reader has unfolded of a large state. */
const KEPT = 40;

export class Places {
  readonly #inspect: InspectStep;
  readonly #places = new Map<string, Place>();
  readonly #names = new WeakMap<object, number>();
  #named = 0;

  constructor(inspect: InspectStep) {
    this.#inspect = inspect;
  }

  /** A step's own: it must have ended, but for its inputs. */
  of({ branch }: View, step: Step, what: InspectWhat): Place {
    return this.#keep(`${branch} ${step.turn} ${step.step} ${step.status === "running"} ${what}`, (path, start) =>
      this.#inspect(step.step, what, path, start, branch),
    );
  }

  /** The state as it is now: another one after each step, each time a turn is held, and with each object that tells of a change since. */
  present({ branch, steps, held }: View, since: object | null = null): Place {
    const last = steps.at(-1);
    const name = `${branch} ${last?.turn} ${last?.step} ${last?.status} ${this.#nameOf(held)} ${this.#nameOf(since)}`;
    return this.#keep(`now ${name}`, (path, start) => this.#inspect(null, "state", path, start, branch));
  }

  #nameOf(told: object | null): number {
    if (told === null) return 0;
    const known = this.#names.get(told);
    if (known !== undefined) return known;
    this.#named += 1;
    this.#names.set(told, this.#named);
    return this.#named;
  }

  #keep(key: string, fetch: Fetch): Place {
    const place = this.#places.get(key) ?? new Place(fetch, []);
    this.#places.delete(key);
    this.#places.set(key, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= KEPT) break;
      this.#places.delete(oldest);
    }
    return place;
  }
}
