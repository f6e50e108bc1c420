// A kernel that was restarted from another page, or is the notebook's no more. Jupyter's widget manager hears only of restarts that
// its own page, or the server, has begun; but everything that a kernel publishes names the session that it was started with.

/** What is used of the host's widget manager, as far as it is there: JupyterLab's and Notebook's connection to the kernel. */
interface Manager {
  readonly kernel?: {
    readonly clientId?: string;
    readonly iopubMessage?: { connect(slot: Slot): unknown; disconnect(slot: Slot): unknown };
    readonly disposed?: { connect(slot: () => void): unknown; disconnect(slot: () => void): unknown };
    /** Which comms are served in subshells of the kernel: a setting of JupyterLab from 4.4 on. */
    commsOverSubshells?: string;
  } | null;
}

type Kernel = NonNullable<Manager["kernel"]>;
type Slot = (sender: unknown, message: { header: { msg_type: string; session: string } }) => void;

/** No comm is: what is sent to one waits for the cell that runs. */
const WITHOUT_SUBSHELLS = "disabled";

/** Call `told` when the kernel's session is another one than before, until `signal` aborts; what is shown from then on is heard. */
export function onRestart(manager: unknown, told: () => void, signal: AbortSignal): void {
  const kernel = (manager as Manager | undefined)?.kernel;
  const published = kernel?.iopubMessage;
  if (published === undefined) return;
  let session: string | null = null;
  const see: Slot = (_, { header }) => {
    // The server tells of restarts and deaths itself, in the name of the page's own session.
    if (header.msg_type !== "status" || header.session === kernel?.clientId) return;
    session ??= header.session;
    if (header.session === session) return;
    session = header.session;
    if (kernel) forgetSubshells(kernel);
    told();
  };
  published.connect(see);
  signal.addEventListener("abort", () => published.disconnect(see));
}

/** Have JupyterLab ask the kernel for subshells anew: it would send to those of the kernel before, and nothing would be heard. */
function forgetSubshells(kernel: Kernel): void {
  const chosen = kernel.commsOverSubshells;
  if (chosen === undefined || chosen === WITHOUT_SUBSHELLS) return;
  // It forgets them once no comm has any more, which is not at once.
  kernel.commsOverSubshells = WITHOUT_SUBSHELLS;
  setTimeout(() => {
    kernel.commsOverSubshells = chosen;
  });
}

/** Call `told` when the page gives the kernel up, since it was shut down or the notebook has another one, until `signal` aborts. */
export function onGivenUp(manager: unknown, told: () => void, signal: AbortSignal): void {
  const disposed = (manager as Manager | undefined)?.kernel?.disposed;
  if (disposed === undefined) return;
  const see = () => told();
  disposed.connect(see);
  signal.addEventListener("abort", () => disposed.disconnect(see));
}
