import { describe, expect, test, vi } from "vitest";
import { onGivenUp, onRestart } from "../../src/transport/restart";

type Slot = (sender: unknown, message: { header: { msg_type: string; session: string } }) => void;

/** The host's connection to a kernel, as far as it is used. */
class FakeKernel {
  readonly clientId = "page";
  commsOverSubshells?: string;
  readonly slots = new Set<Slot>();
  readonly iopubMessage = {
    connect: (slot: Slot) => this.slots.add(slot),
    disconnect: (slot: Slot) => this.slots.delete(slot),
  };

  publish(session: string, msg_type = "status"): void {
    for (const slot of this.slots) slot(this, { header: { msg_type, session } });
  }
}

function setUp() {
  const kernel = new FakeKernel();
  const told = vi.fn();
  const abort = new AbortController();
  onRestart({ kernel }, told, abort.signal);
  return { kernel, told, abort };
}

describe("a restart", () => {
  test("is known by the session of what the kernel publishes", () => {
    const { kernel, told } = setUp();
    kernel.publish("first");
    kernel.publish("first", "comm_msg");
    kernel.publish("first");
    expect(told).not.toHaveBeenCalled();
    kernel.publish("second");
    expect(told).toHaveBeenCalledOnce();
    kernel.publish("second");
    expect(told).toHaveBeenCalledOnce();
    kernel.publish("third");
    expect(told).toHaveBeenCalledTimes(2);
  });

  test("makes comms ask for subshells anew, where they have any", () => {
    vi.useFakeTimers();
    const { kernel } = setUp();
    kernel.commsOverSubshells = "perCommTarget";
    // Each chat of the page tells of it.
    onRestart({ kernel }, () => {}, new AbortController().signal);
    kernel.publish("first");
    expect(kernel.commsOverSubshells).toBe("perCommTarget");
    kernel.publish("second");
    expect(kernel.commsOverSubshells).toBe("disabled");
    vi.runAllTimers();
    expect(kernel.commsOverSubshells).toBe("perCommTarget");
    vi.useRealTimers();
  });

  test("changes nothing where comms have no subshells", () => {
    const { kernel } = setUp();
    kernel.publish("first");
    kernel.publish("second");
    expect(kernel.commsOverSubshells).toBeUndefined();
  });

  test("is not what the server tells in the page's own name, nor a stranger's message of another kind", () => {
    const { kernel, told } = setUp();
    kernel.publish("page");
    kernel.publish("first");
    kernel.publish("page");
    kernel.publish("another", "stream");
    kernel.publish("first");
    expect(told).not.toHaveBeenCalled();
  });

  test("is of no interest to a model that is gone", () => {
    const { kernel, told, abort } = setUp();
    kernel.publish("first");
    abort.abort();
    kernel.publish("second");
    expect(told).not.toHaveBeenCalled();
    expect(kernel.slots.size).toBe(0);
  });

  test.each([undefined, {}, { kernel: null }, { kernel: {} }])("is not looked for where the host is %o", (manager) => {
    onRestart(manager, () => expect.unreachable(), new AbortController().signal);
  });
});

describe("a kernel that the page gives up", () => {
  function setUp() {
    const slots = new Set<() => void>();
    const disposed = {
      connect: (slot: () => void) => slots.add(slot),
      disconnect: (slot: () => void) => slots.delete(slot),
    };
    const told = vi.fn();
    const abort = new AbortController();
    onGivenUp({ kernel: { disposed } }, told, abort.signal);
    return { slots, told, abort };
  }

  test("is told of", () => {
    const { slots, told } = setUp();
    expect(told).not.toHaveBeenCalled();
    for (const slot of slots) slot();
    expect(told).toHaveBeenCalledOnce();
  });

  test("is of no interest to a model that is gone", () => {
    const { slots, abort } = setUp();
    abort.abort();
    expect(slots.size).toBe(0);
  });

  test.each([undefined, {}, { kernel: null }, { kernel: {} }])("is not looked for where the host is %o", (manager) => {
    onGivenUp(manager, () => expect.unreachable(), new AbortController().signal);
  });
});
