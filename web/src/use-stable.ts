import { useCallback, useEffect, useRef } from "react";

/** One function for good that does what the newest does: who is given it is not drawn again. */
export function useStable<Arguments extends unknown[], Result>(
  newest: (...given: Arguments) => Result,
) {
  const latest = useRef(newest);
  useEffect(() => void (latest.current = newest));
  return useCallback((...given: Arguments) => latest.current(...given), []);
}
