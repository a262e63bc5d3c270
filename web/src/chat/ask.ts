/** A question from elsewhere on the page, which the next new chat asks. */

export interface Question {
  text: string;
  agent?: string;
}

const EVENT = "suite:ask";
let waiting: Question | undefined;

/** Let the chat ask this in a conversation of its own. */
export function askInNewChat(question: Question) {
  waiting = question;
  window.dispatchEvent(new Event(EVENT));
}

/** Take the question that waits, once. */
export function takeQuestion(): Question | undefined {
  const question = waiting;
  waiting = undefined;
  return question;
}

export function onQuestion(listener: () => void) {
  window.addEventListener(EVENT, listener);
  return () => window.removeEventListener(EVENT, listener);
}
