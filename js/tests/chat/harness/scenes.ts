// What is on the page in each picture.

import type { Field } from "../../../src/protocol.gen";
import * as spans from "../../spans/samples";
import { exchange, say } from "../script";
import type { HarnessPage } from "./page";

const poem = `**Rivers**

*A source in moss*, a thread of rain,
it learns the slope, forgets the plain;
each bend it takes, it takes again.

1. It gathers what the hills let fall,
2. and carries stone, and carries call,
3. and answers to the sea for all.`;

const answer = `A *state machine* has **states** and **transitions**. In Burr each action reads and writes parts of one state:

| action | reads | writes |
|---|---|---|
| \`check_safety\` | \`prompt\` | \`safe\` |
| \`decide_mode\` | \`prompt\` | \`mode\` |

\`\`\`python
@action(reads=["prompt"], writes=["safe"])
def check_safety(state: State) -> State:
    return state.update(safe="unsafe" not in state["prompt"])
\`\`\`

Then a *condition* says which action comes next.`;

const silent = (turn: string, from: number, prompt: string) => [
  say.turn(turn, prompt),
  say.step(turn, from, "prompt"),
  say.finished(turn, from, "prompt"),
  say.step(turn, from + 1, "check_safety"),
];

const field = (name: string): Field => ({
  ...{ name, kind: "text", required: true, default: null, description: null },
  ...{ choices: [], fields: [], labels: [] },
});

/** Three questions asked side by side, after an action that is traced. */
function compared(outcome: "running" | "done" | "failed") {
  const compare = { ...spans.compared(outcome), action: "decide_mode" };
  const ask = { ...spans.traced, action: "check_safety" };
  return [say.turn("t1", "Tell me about rivers"), ...spans.told(ask), ...spans.told(compare)];
}

export const scenes: Record<string, (page: HarnessPage) => void> = {
  empty: () => undefined,
  late: () => undefined,
  done(page) {
    page.tell(...exchange("t1", 1, "What is a state machine?", answer));
    page.tell(...exchange("t2", 2, "Write a poem about rivers", poem));
  },
  streaming(page) {
    page.tell(...exchange("t1", 1, "What is a state machine?", answer));
    page.tell(...silent("t2", 2, "Write a poem about rivers"));
    page.tell(
      say.finished("t2", 3, "check_safety"),
      say.step("t2", 4, "generate_poem"),
      say.text(4, poem.slice(0, 130)),
    );
  },
  silent(page) {
    page.tell(...silent("t1", 1, "Write a poem about rivers"));
  },
  stopped(page) {
    page.tell(...silent("t1", 1, "Write a poem about rivers"));
    page.tell(
      say.finished("t1", 2, "check_safety"),
      say.step("t1", 3, "generate_poem"),
      say.text(3, poem.slice(0, 130)),
    );
    page.tell(
      say.finished("t1", 3, "generate_poem", { status: "stopped", first_delta: 0.2, duration: 1.1, deltas: 40 }),
      say.stopped("t1"),
    );
  },
  failed(page) {
    page.tell(...exchange("t1", 1, "What is a state machine?", "Something that remembers **where it is**."));
    page.tell(...silent("t2", 2, "Write a poem about rivers"));
    page.tell(
      say.finished("t2", 3, "check_safety"),
      say.step("t2", 4, "generate_poem"),
      say.text(4, poem.slice(0, 60)),
    );
    page.tell(
      say.finished("t2", 4, "generate_poem", { status: "failed", first_delta: 0.2, duration: 1.1, deltas: 12 }),
      say.failed("t2", {
        traceback: `Traceback (most recent call last):
  File "/home/me/app.py", line 41, in generate_poem
    async for chunk in await client.chat.completions.create(model=model, messages=messages, stream=True):
  File "site-packages/openai/_streaming.py", line 147, in __aiter__
    async for item in self._iterator:
openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached'}}`,
      }),
    );
  },
  queued(page) {
    scenes.streaming?.(page);
  },
  kinds(page) {
    page.tell(
      say.turn("t1", "שלום, מה שלומך?"),
      say.step("t1", 1, "answer_question"),
      say.text(1, "شكرا، أنا بخير."),
      say.message(
        "t1",
        1,
        "def hello():\n    return 'a very long line '.join(['of', 'code', 'that', 'does', 'not', 'fit', 'in', 'here', 'at all'])",
        "code",
      ),
      say.finished("t1", 1, "answer_question"),
      say.step("t1", 2, "generate_poem"),
      say.item("t1", 2, "{'token': 1, 'logprob': -0.12}"),
      say.item("t1", 2, "{'token': 2, 'logprob': -0.55}"),
      say.notice("t1", "A character that cannot be encoded was replaced.", 2),
      say.finished("t1", 2, "generate_poem"),
      say.notice("t1", "The application’s history holds 2 more messages that are not shown."),
      say.completed("t1", 101.2),
    );
  },
  long(page) {
    for (let n = 1; n <= 40; n++) {
      page.tell(...exchange(`t${n}`, n, `Question ${n}: what is a state machine?`, n % 3 === 0 ? answer : poem));
    }
  },
  versions(page) {
    page.tell(...exchange("t1", 1, "What is a state machine?", "Something that remembers **where it is**."));
    page.tell(
      ...exchange("t4", 2, "Write a poem about rivers", poem).map((event) =>
        event.type === "turn-started" ? { ...event, siblings: ["t2", "t3", "t4"] } : event,
      ),
    );
    page.tell(...exchange("t5", 3, "And now about lakes", "Still water."));
  },
  loop(page) {
    page.tell(say.turn("t1", "Count as far as you can"), say.step("t1", 0, "prompt"));
    for (let n = 1; n <= 12_480; n++)
      page.tell(say.finished("t1", n - 1, n === 1 ? "prompt" : "decide_mode"), say.step("t1", n, "decide_mode"));
  },
  form(page) {
    scenes.done?.(page);
    const names = ["item", "amount", "address", "size", "note", "day"];
    page.tell(say.composer({ input: null, action: "order", ask: "What would you like?", fields: names.map(field) }));
  },
  answering(page) {
    page.tell(...exchange("t1", 1, "Write to Ann", "Dear Ann, …"));
    page.tell(say.composer({ action: "give_feedback", ask: "What should change in this draft?" }));
    page.tell(say.turn("t2", "Make it shorter"), say.step("t2", 2, "prompt"));
  },
  fanRunning(page) {
    page.tell(...compared("running"));
  },
  fanDone(page) {
    page.tell(
      ...compared("done"),
      say.message("t1", 1, '["In the sea", "2,850 km", "Nobody knows"]', "data", { name: "answers" }),
    );
    page.tell(say.step("t1", 2, "answer_question"), say.text(2, "It ends **in the sea**, after 2,850 km."));
    page.tell(say.finished("t1", 2, "answer_question"), say.completed("t1", 101.9));
  },
  fanFailed(page) {
    page.tell(...compared("failed"), say.failed("t1", { action: "decide_mode" }));
  },
  lost(page) {
    scenes.done?.(page);
    requestAnimationFrame(() =>
      requestAnimationFrame(() => page.lose("The kernel was restarted or has died. Run the cells again to go on.")),
    );
  },
};
