import { useLocation } from "wouter";

import { askInNewChat, type Question } from "./ask";

/** Ask something in a chat of its own, from wherever one is. */
export function useAsk() {
  const [, navigate] = useLocation();
  return (question: Question) => {
    askInNewChat(question);
    navigate("/");
  };
}
