import { expect, test } from "vitest";
import { freeName, kernelFor } from "../../labextension/src/naming";

test("a name that is free is taken, else the first number that makes it so", () => {
  const there = (...names: string[]) => names.map((name) => ({ name }));
  expect(freeName("chat", [])).toBe("chat.ipynb");
  expect(freeName("chat", there("chat.py", "chats.ipynb"))).toBe("chat.ipynb");
  expect(freeName("chat", there("chat.ipynb", "chat-2.ipynb"))).toBe("chat-1.ipynb");
  // As some file systems see it, it is the same.
  expect(freeName("chat", there("Chat.ipynb", "chat-1.ipynb"))).toBe("chat-2.ipynb");
});

const python = (display_name: string) => ({ display_name, language: "python" });
const r = { display_name: "R", language: "R" };

test("the kernel is the server's default one, or one that speaks Python, or left open", () => {
  expect(kernelFor({ default: "mine", kernelspecs: { python3: python("Python 3"), mine: python("Mine") } })).toEqual({
    name: "mine",
    ...python("Mine"),
  });
  expect(kernelFor({ default: "ir", kernelspecs: { ir: r, python3: python("Python 3") } })?.name).toBe("python3");
  expect(kernelFor({ default: "ir", kernelspecs: { ir: r } })).toBeNull();
  expect(kernelFor(null)).toBeNull();
});
