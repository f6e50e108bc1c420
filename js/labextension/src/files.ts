// Where the extension's files are: what is large is imported from there when it is needed.
const script = document.currentScript as HTMLScriptElement | null;

/** The address of a file beside the entry. */
export function fileUrl(name: string): string {
  return new URL(name, script?.src ?? document.baseURI).href;
}
