// A chat keeps the keys that are typed in it from the notebook: here it learns which belong to commands of ours, by whatever
// shortcuts the user has given them.
import { CommandRegistry } from "@lumino/commands";

/** As Lumino has it: so long after a key of a shortcut with several, the next one begins another. */
const CHORD_MS = 1000;

/** Tells of keys that are pressed whether they belong to a shortcut, complete or not, of a command whose name begins so. */
export function shortcutsOf(commands: CommandRegistry, prefix: string): (event: KeyboardEvent) => boolean {
  let begun: readonly string[] = [];
  let last = 0;
  /** Asked of each event by all that stands around its target. */
  const known = new WeakMap<KeyboardEvent, boolean>();

  function isOurs(event: KeyboardEvent): boolean {
    const keystroke = CommandRegistry.keystrokeForKeydownEvent(event);
    if (event.type !== "keydown" || keystroke === "" || CommandRegistry.isModifierKeyPressed(event)) return false;
    const path = event.composedPath();
    const bindings = commands.keyBindings.filter(
      ({ command, selector }) =>
        command.startsWith(prefix) && path.some((each) => each instanceof Element && each.matches(selector)),
    );
    const before = event.timeStamp - last < CHORD_MS ? begun : [];
    for (const pressed of [[...before, keystroke], [keystroke]]) {
      const found = bindings.filter(({ keys }) => pressed.every((key, at) => keys[at] === key));
      if (found.length === 0) continue;
      begun = found.some(({ keys }) => keys.length > pressed.length) ? pressed : [];
      last = event.timeStamp;
      return true;
    }
    begun = [];
    return false;
  }

  return (event) => {
    const answer = known.get(event) ?? isOurs(event);
    known.set(event, answer);
    return answer;
  };
}
