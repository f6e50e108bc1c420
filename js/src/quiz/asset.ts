// The quiz as it is loaded on demand. js/build.mjs takes its style sheet as a text.
import quiz from "./quiz.css";

export { provide } from "../provided";
export { QuizView as View } from "./QuizView";

export const css = quiz;
