// Stands for Preact in what is loaded on demand (see js/build.mjs): the core provides its own, before anything is rendered.
import type { Core } from "./core";

export let batch: Core["batch"];
export let computed: Core["computed"];
export let signal: Core["signal"];
export let useComputed: Core["useComputed"];
export let useSignal: Core["useSignal"];
export let useEffect: Core["useEffect"];
export let useLayoutEffect: Core["useLayoutEffect"];
export let useMemo: Core["useMemo"];
export let useRef: Core["useRef"];
export let useState: Core["useState"];
export let Fragment: Core["Fragment"];
export let jsx: Core["jsx"];
export let jsxs: Core["jsxs"];

export function provide(core: Core): void {
  ({ batch, computed, signal, useComputed, useSignal } = core);
  ({ useEffect, useLayoutEffect, useMemo, useRef, useState } = core);
  ({ Fragment, jsx, jsxs } = core);
}
