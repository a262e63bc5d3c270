import { useLocation } from "wouter";

import { askInNewChat, type Question } from "./ask";

/** Ask something in a chat of its own, from wherever one is. */
export function useAsk() {
  const [, navigate] = useLocation();
  return (question: Question) => {
    navigate("/"); // first: the chat that is there asks at once, and moves on
    askInNewChat(question);
  };
}
