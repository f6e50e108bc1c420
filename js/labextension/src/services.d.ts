// What the commands, the launcher, the settings and the status bar use besides what jupyterlab.d.ts has; written as that is.

declare module "*.ipynb" {
  const notebook: import("./templates").Notebook;
  export default notebook;
}

declare module "@jupyterlab/application" {
  export interface JupyterFrontEnd {
    readonly serviceManager: {
      readonly contents: {
        /** Of a folder: its files. */
        get(path: string): Promise<{ content: { name: string }[] }>;
        save(path: string, model: { type: string; format: string; content: unknown }): Promise<unknown>;
        newUntitled(options: { path: string; type: string }): Promise<{ path: string }>;
        /** Fails where there is a file of that name. */
        rename(path: string, newPath: string): Promise<{ path: string }>;
      };
      readonly kernelspecs: { readonly ready: Promise<void>; readonly specs: import("./naming").KernelSpecs | null };
    };
  }
}

declare module "@jupyterlab/apputils" {
  export namespace InputDialog {
    function getItem(options: {
      title: string;
      label?: string;
      items: string[];
      current?: number;
      okLabel?: string;
    }): Promise<{ button: { accept: boolean }; value: string | null }>;
  }
  export function showErrorMessage(title: string, error: unknown): Promise<void>;
}

declare module "@jupyterlab/filebrowser" {
  import type { Token } from "@lumino/coreutils";

  export interface IDefaultFileBrowser {
    readonly model: { readonly path: string };
  }
  export const IDefaultFileBrowser: Token<IDefaultFileBrowser>;
}

declare module "@jupyterlab/launcher" {
  import type { Token } from "@lumino/coreutils";

  export interface ILauncher {
    add(options: {
      command: string;
      category?: string;
      rank?: number;
      args?: Record<string, unknown>;
      kernelIconUrl?: string;
    }): unknown;
  }
  export const ILauncher: Token<ILauncher>;
}

declare module "@jupyterlab/settingregistry" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";

  export interface ISettings {
    readonly composite: Readonly<Record<string, unknown>>;
    readonly changed: ISignal<ISettings, void>;
  }
  export interface ISettingRegistry {
    load(plugin: string): Promise<ISettings>;
  }
  export const ISettingRegistry: Token<ISettingRegistry>;
}

declare module "@jupyterlab/statusbar" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export interface IStatusBar {
    registerStatusItem(
      id: string,
      item: {
        item: Widget;
        align?: "left" | "middle" | "right";
        rank?: number;
        isActive?: () => boolean;
        activeStateChanged?: ISignal<unknown, void>;
      },
    ): unknown;
  }
  export const IStatusBar: Token<IStatusBar>;
}

declare module "@jupyterlab/ui-components" {
  export interface LabIcon {
    readonly svgstr: string;
  }
}
