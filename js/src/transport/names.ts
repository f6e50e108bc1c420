/** Random enough to be unique among pages; `crypto.randomUUID` is missing where a page is served over plain HTTP. */
export function randomName(): string {
  return Math.random().toString(36).slice(2, 12);
}
