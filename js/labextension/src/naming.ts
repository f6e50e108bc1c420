// What a new notebook is called, and with which kernel it runs.

/** `name.ipynb`, or with the first number that makes it none of those that are there. */
export function freeName(name: string, there: readonly { name: string }[]): string {
  const taken = new Set(there.map((each) => each.name.toLowerCase()));
  for (let number = 0; ; number++) {
    const file = `${name}${number === 0 ? "" : `-${number}`}.ipynb`;
    if (!taken.has(file.toLowerCase())) return file;
  }
}

export interface KernelSpecs {
  default: string;
  kernelspecs: Record<string, { display_name: string; language: string } | undefined>;
}

/** What the notebook's file says of its kernel: the server's default one if that speaks Python, else the first that does. */
export function kernelFor(specs: KernelSpecs | null): { name: string; display_name: string; language: string } | null {
  for (const name of [specs?.default ?? "", ...Object.keys(specs?.kernelspecs ?? {})]) {
    const spec = specs?.kernelspecs[name];
    if (spec?.language === "python") return { name, display_name: spec.display_name, language: spec.language };
  }
  return null;
}
