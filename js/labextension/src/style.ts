// The style sheets of the extension, in the page's head.
import docked from "./docked.css";
import panel from "./panel.css";
import status from "./status.css";

const style = document.createElement("style");
style.textContent = [panel, docked, status].join("\n");
document.head.append(style);
