// What is used of JupyterLab and Notebook, as it is in all versions that we run in (4.2 to 4.6; 7.2 to 7.6). Their own packages
// bring some 300 MB and 280 others for these types alone; Lumino's are small, and real.
//
// `Token<T>` is what a plugin asks for, and `T` what its `activate` gets.

declare module "@jupyterlab/application" {
  import type { WidgetTracker } from "@jupyterlab/apputils";
  import type { CommandRegistry } from "@lumino/commands";
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export type Area = "main" | "left" | "right" | "down" | "top" | "bottom" | "menu";

  export interface AddOptions {
    rank?: number;
    ref?: string;
    mode?: "split-right" | "split-left" | "split-top" | "split-bottom" | "tab-before" | "tab-after";
    activate?: boolean;
    type?: string;
  }

  export interface Shell {
    add(widget: Widget, area?: Area, options?: AddOptions): void;
    activateById(id: string): void;
    readonly currentWidget: Widget | null;
    readonly currentChanged?: ISignal<Shell, { newValue: Widget | null }>;
    widgets(area?: Area): IterableIterator<Widget>;
  }

  export interface JupyterFrontEnd<S extends Shell = Shell> {
    readonly name: string;
    readonly version: string;
    readonly commands: CommandRegistry;
    readonly shell: S;
    readonly restored: Promise<void>;
  }

  export interface JupyterFrontEndPlugin<T> {
    id: string;
    description?: string;
    autoStart?: boolean | "defer";
    // biome-ignore lint/suspicious/noExplicitAny: each plugin asks for tokens of its own
    requires?: Token<any>[];
    // biome-ignore lint/suspicious/noExplicitAny: as above; null where there is no such service
    optional?: Token<any>[];
    provides?: Token<T>;
    // biome-ignore lint/suspicious/noExplicitAny: the services of those tokens, in their order
    activate(app: JupyterFrontEnd, ...services: any[]): T | Promise<T>;
  }

  export interface ILabShell extends Shell {
    readonly mode: "multiple-document" | "single-document";
  }
  export const ILabShell: Token<ILabShell>;

  export interface ILayoutRestorer {
    restore<T extends Widget>(
      tracker: WidgetTracker<T>,
      options: {
        command: string;
        name(widget: T): string;
        args?(widget: T): Record<string, unknown>;
        when?: Promise<unknown> | Promise<unknown>[];
      },
    ): Promise<unknown>;
    add(widget: Widget, name: string): void;
  }
  export const ILayoutRestorer: Token<ILayoutRestorer>;
}

declare module "@jupyterlab/apputils" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export class WidgetTracker<T extends Widget = Widget> {
    constructor(options: { namespace: string });
    add(widget: T): Promise<void>;
    save(widget: T): Promise<void>;
    find(matches: (widget: T) => boolean): T | undefined;
    forEach(visit: (widget: T) => void): void;
    has(widget: Widget): boolean;
    readonly currentWidget: T | null;
    readonly widgetAdded: ISignal<this, T>;
  }

  export interface ICommandPalette {
    addItem(options: { command: string; category: string; args?: Record<string, unknown> }): unknown;
  }
  export const ICommandPalette: Token<ICommandPalette>;
}

declare module "@jupyterlab/notebook" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { Widget } from "@lumino/widgets";

  export interface Kernel {
    readonly id: string;
    readonly status: string;
  }

  /** One output of a cell, or what a kernel tells of one. */
  export interface Output {
    readonly data: Record<string, unknown>;
    readonly metadata?: Record<string, unknown>;
  }

  export interface Cell {
    /** Of a code cell. */
    readonly outputs?: {
      readonly length: number;
      get(index: number): Output;
      set(index: number, output: Output & { output_type: "display_data" }): void;
    };
  }

  export interface SessionContext {
    readonly iopubMessage: ISignal<
      SessionContext,
      { readonly header: { readonly msg_type: string }; readonly content: Record<string, unknown> }
    >;
    readonly session: { readonly kernel: Kernel | null } | null;
    readonly kernelChanged: ISignal<SessionContext, unknown>;
    readonly statusChanged: ISignal<SessionContext, string>;
  }

  export interface NotebookPanel extends Widget {
    readonly content: { readonly model: { readonly cells: Iterable<Cell> } | null };
    readonly sessionContext: SessionContext;
    readonly context: {
      readonly path: string;
      readonly pathChanged: ISignal<unknown, string>;
      /** Whether the file was read. */
      readonly ready: Promise<void>;
      /** What goes wrong is shown in a dialog. */
      save(): Promise<void>;
      createCheckpoint(): Promise<unknown>;
    };
  }

  export interface INotebookTracker {
    readonly currentWidget: NotebookPanel | null;
    readonly currentChanged: ISignal<INotebookTracker, NotebookPanel | null>;
    readonly widgetAdded: ISignal<INotebookTracker, NotebookPanel>;
    find(matches: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
    forEach(visit: (panel: NotebookPanel) => void): void;
  }
  export const INotebookTracker: Token<INotebookTracker>;
}

declare module "@jupyterlab/ui-components" {
  import type { VirtualElement } from "@lumino/virtualdom";

  export class LabIcon implements VirtualElement.IRenderer {
    render(container: HTMLElement): void;
    constructor(options: { name: string; svgstr: string });
  }
}

declare module "@jupyterlab/rendermime" {
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface MimeModel {
    readonly data: Record<string, unknown>;
    readonly metadata: Record<string, unknown>;
  }

  export interface IRenderMimeRegistry {
    addFactory(
      factory: {
        safe: boolean;
        mimeTypes: readonly string[];
        createRenderer(): Widget & { renderModel(model: MimeModel): Promise<void> };
      },
      rank?: number,
    ): void;
  }
  export const IRenderMimeRegistry: Token<IRenderMimeRegistry>;
}
