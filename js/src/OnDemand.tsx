// A view that is loaded on demand, in its place once it has come from the kernel.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Core, core } from "./core";
import type { Store } from "./store/store";
import type { AssetName, LoadAsset } from "./transport/assets";

interface Module<Props> {
  provide(core: Core): void;
  View: ComponentType<Props>;
  Comparison: ComponentType<Props>;
  css: string;
}

interface OnDemandProps<Props> {
  name: AssetName & ("inspector" | "quiz" | "timeline");
  /** Which of its components. */
  part?: "View" | "Comparison";
  load: LoadAsset;
  store: Store;
  /** Of the view. */
  props: Props;
}

export function OnDemand<Props extends object>({ name, part = "View", load, store, props }: OnDemandProps<Props>) {
  const [module, setModule] = useState<Module<Props> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (module !== null || failed) return;
    load(name).then(
      (loaded) => {
        const found = loaded as unknown as Module<Props>;
        found.provide(core);
        setModule(found);
      },
      () => setFailed(true),
    );
  }, [load, name, module, failed]);
  if (module === null) {
    if (store.connection.value === "lost") return <p class="bcw-waiting">{store.lost.value}</p>;
    if (!failed)
      return (
        <p class="bcw-waiting">
          The {name} appears when the {store.peer.name} answers.
        </p>
      );
    return (
      <p class="bcw-waiting">
        The {name} did not come.{" "}
        <button type="button" class="bcw-control" onClick={() => setFailed(false)}>
          Try again
        </button>
      </p>
    );
  }
  const Part = module[part];
  return (
    <>
      <style>{module.css}</style>
      <Part {...props} />
    </>
  );
}
