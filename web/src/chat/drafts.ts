/** What was typed and not sent, per conversation; it outlives a reload, not the browser's tab. */

const PREFIX = "draft:";
const AGENT = "agent";

export const readDraft = (key: string) => sessionStorage.getItem(PREFIX + key) ?? "";

export function writeDraft(key: string, text: string) {
  if (text) sessionStorage.setItem(PREFIX + key, text);
  else sessionStorage.removeItem(PREFIX + key);
}

export const forgetDrafts = () => sessionStorage.clear();

export const readAgent = () => localStorage.getItem(AGENT) ?? "auto";
export const writeAgent = (name: string) => localStorage.setItem(AGENT, name);
