import { useEffect, useState } from "preact/hooks";
import { type Core, core } from "../core";
import type { LoadAsset } from "../transport/assets";
import type { Inspector, InspectorProps } from "./Inspector";

interface Module {
  provide(core: Core): void;
  Inspector: typeof Inspector;
  css: string;
}

/** The inspector, once it has come from the kernel. */
export function LoadInspector({ load, ...props }: InspectorProps & { load: LoadAsset }) {
  const [module, setModule] = useState<Module | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (module !== null || failed) return;
    load("inspector").then(
      (loaded) => {
        const found = loaded as unknown as Module;
        found.provide(core);
        setModule(found);
      },
      () => setFailed(true),
    );
  }, [load, module, failed]);
  if (module === null) {
    const isLost = props.store.connection.value === "lost";
    if (isLost) return <p class="bcw-waiting">{props.store.lost.value}</p>;
    if (!failed) return <p class="bcw-waiting">The inspector appears when the kernel answers.</p>;
    return (
      <p class="bcw-waiting">
        The inspector did not come.{" "}
        <button type="button" class="bcw-control" onClick={() => setFailed(false)}>
          Try again
        </button>
      </p>
    );
  }
  return (
    <>
      <style>{module.css}</style>
      <module.Inspector {...props} />
    </>
  );
}
