// Timers with names: each is set once at a time.

export class Timers {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  after(name: string, ms: number, run: () => void): void {
    this.cancel(name);
    const fire = () => {
      this.#timers.delete(name);
      run();
    };
    this.#timers.set(name, setTimeout(fire, ms));
  }

  has(name: string): boolean {
    return this.#timers.has(name);
  }

  cancel(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#timers.keys()]) this.cancel(name);
  }
}
