import { Group, Stack, Text } from "@mantine/core";

import classes from "./bars.module.css";

export interface Bar {
  name: string;
  value: number | null;
  text: string;
  hint?: string;
}

interface BarsProps {
  bars: Bar[];
  color?: string;
  /** What fills the whole width; else it is the largest value. */
  whole?: number;
}

/** Values beside each other; what is not known has no bar. */
export function Bars({ bars, color = "violet", whole }: BarsProps) {
  const most =
    whole ?? Math.max(...bars.map(({ value }) => Math.abs(value ?? 0)), Number.EPSILON);
  return (
    <Stack gap="sm" component="ul" className={classes.list}>
      {bars.map(({ name, value, text, hint }) => (
        <li key={name}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" truncate>
              {name}
            </Text>
            <Text size="sm" fw={600} className={classes.value}>
              {text}
            </Text>
          </Group>
          <div className={classes.track} aria-hidden>
            {value !== null && (
              <div
                className={classes.bar}
                style={{
                  width: `${Math.min(100, (100 * Math.abs(value)) / most)}%`,
                  background: `var(--mantine-color-${value < 0 ? "orange" : color}-6)`,
                }}
              />
            )}
          </div>
          {hint && (
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          )}
        </li>
      ))}
    </Stack>
  );
}
