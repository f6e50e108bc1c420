// What modules that are loaded on demand get of the core: a second Preact would not know the first one's components and signals.
import { batch, computed, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Fragment, jsx, jsxs } from "preact/jsx-runtime";

export const core = {
  ...{ batch, computed, signal, useComputed, useSignal },
  ...{ useEffect, useLayoutEffect, useMemo, useRef, useState },
  ...{ Fragment, jsx, jsxs },
};
export type Core = typeof core;
