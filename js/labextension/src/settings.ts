// The reader's settings, for all chats of the page: see js/src/settings.ts for what they mean.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { registry } from "../../src/registry";

// The settings editor, the menus and the shortcuts know the extension by this name: schema/plugin.json.
const ID = "burr-chat-widget:plugin";

export const settings: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "Settings of chats.",
  autoStart: true,
  requires: [ISettingRegistry],
  async activate(_app: JupyterFrontEnd, all: ISettingRegistry) {
    const loaded = await all.load(ID);
    const tell = () => {
      const { views, ...others } = loaded.composite;
      const shown = Object.entries((views ?? {}) as Record<string, boolean>).filter(([, isShown]) => isShown);
      registry().setSettings({ ...others, views: shown.map(([view]) => view) });
    };
    loaded.changed.connect(tell);
    tell();
  },
};
