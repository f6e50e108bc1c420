/** In place of values that a server does not show. */
export function Withheld() {
  return <p class="bcw-quiet">The server does not show its clients values of the state.</p>;
}
