import type { ReactNode } from "react";

import classes from "./action.module.css";

interface ActionProps {
  label: string;
  onClick: () => void;
  isPressed?: boolean;
  isDisabled?: boolean;
  children: ReactNode;
}

/**
 * What can be done with a message: an icon, named where one points at it.
 *
 * It is no component of the library: a long conversation has a thousand of them.
 */
export const Action = ({ label, onClick, isPressed, isDisabled, children }: ActionProps) => (
  <button
    type="button"
    className={classes.action}
    aria-label={label}
    aria-pressed={isPressed}
    disabled={isDisabled}
    onClick={onClick}
  >
    {children}
  </button>
);
