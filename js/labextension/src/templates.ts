// The notebooks that a new one can be made from: the packaged ones, and one that has nothing but a chat. A file of its own, which
// the launcher loads when somebody chooses.
import quickstart from "../../../notebooks/01_quickstart.ipynb";
import yourOwnApp from "../../../notebooks/02_your_own_app.ipynb";
import stepThroughState from "../../../notebooks/03_step_through_state.ipynb";
import streamingFromScratch from "../../../notebooks/04_streaming_from_scratch.ipynb";
import toServer from "../../../notebooks/05_from_notebook_to_server.ipynb";

/** A notebook's file. */
export interface Notebook {
  cells: { cell_type: string; source: string | string[]; [more: string]: unknown }[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export interface Template {
  /** As a person reads it. */
  title: string;
  /** Of the file, without its extension. */
  name: string;
  notebook: Notebook;
}

const EMPTY = `from burr_chat_widget import BurrChat, demo

# Any built Burr application: this one needs no key and no network.
chat = BurrChat(demo.application())
chat`;

const empty: Notebook = {
  cells: [{ cell_type: "code", id: "chat", execution_count: null, metadata: {}, outputs: [], source: EMPTY }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};

export const templates: readonly Template[] = [
  { title: "A chat, and nothing else", name: "chat", notebook: empty },
  template("01_quickstart", quickstart),
  template("02_your_own_app", yourOwnApp),
  template("03_step_through_state", stepThroughState),
  template("04_streaming_from_scratch", streamingFromScratch),
  template("05_from_notebook_to_server", toServer),
];

/** Its title is the notebook's heading. */
function template(name: string, notebook: Notebook): Template {
  const text = [notebook.cells[0]?.source ?? ""].flat().join("");
  return { name, notebook, title: `${name.slice(0, 2)} ${text.match(/^# (.+)/)?.[1] ?? name}` };
}
