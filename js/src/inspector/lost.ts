import type { View } from "../protocol.gen";

/** What a kernel that is gone has left: nothing runs or is held any more. */
export function cutOff(view: View): View {
  const steps = view.steps.map((step) => (step.status === "running" ? { ...step, status: "stopped" as const } : step));
  return { ...view, status: "idle", held: null, pausing: false, steps };
}
