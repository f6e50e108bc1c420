// The plugins of the extension, one to a file.
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { beside } from "./beside";
import { commands } from "./commands";
import { launcher } from "./launcher";
import { saved } from "./mime";
import { settings } from "./settings";
import { status } from "./status";
import "./style";

const plugins: JupyterFrontEndPlugin<unknown>[] = [beside, commands, launcher, settings, status, saved];

export default plugins;
