// What has been fetched of which step, kept while a view lives: what was seen stays readable without the kernel too.
import type { Held, Step, View } from "../protocol.gen";
import type { InspectStep, InspectWhat } from "../transport/questions";
import { type Fetch, Place } from "./values";

/** So many are kept; each may hold what the reader has unfolded of a large state. */
const KEPT = 40;

export class Places {
  readonly #inspect: InspectStep;
  readonly #places = new Map<string, Place>();
  readonly #holds = new WeakMap<Held, number>();
  #held = 0;

  constructor(inspect: InspectStep) {
    this.#inspect = inspect;
  }

  /** A step's own: it must have ended, but for its inputs. */
  of({ branch }: View, step: Step, what: InspectWhat): Place {
    return this.#keep(`${branch} ${step.turn} ${step.step} ${step.status === "running"} ${what}`, (path, start) =>
      this.#inspect(step.step, what, path, start, branch),
    );
  }

  /** The state as it is now: another one after each step, each time a turn is held, and each time it is changed by hand. */
  present({ branch, steps, held }: View, made = ""): Place {
    const last = steps.at(-1);
    const name = `${branch} ${last?.turn} ${last?.step} ${last?.status} ${this.#nameOf(held)} ${made}`;
    return this.#keep(`now ${name}`, (path, start) => this.#inspect(null, "state", path, start, branch));
  }

  #nameOf(held: Held | null): number {
    if (held === null) return 0;
    const known = this.#holds.get(held);
    if (known !== undefined) return known;
    this.#held += 1;
    this.#holds.set(held, this.#held);
    return this.#held;
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
