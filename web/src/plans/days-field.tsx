import { Group, NumberInput, TextInput } from "@mantine/core";

import { addDays } from "../analytics/asked";
import { weeksOf, type Errors, type Wishes } from "./wishes";

const MAX_WEEKS = 12;

interface DaysFieldProps {
  kind: NonNullable<Wishes["kind"]>;
  wishes: Wishes;
  errors: Errors;
  today: string;
  onChange: (changes: Partial<Wishes>) => void;
}

/** The days that are planned: to an end, or for some weeks. */
export function DaysField({ kind, wishes, errors, today, onChange }: DaysFieldProps) {
  const { start, end } = wishes;
  const weeks = weeksOf(wishes);
  const lastOf = (first: string, count: number) => addDays(first, 7 * count - 1);
  return (
    <Group align="flex-start">
      <TextInput
        type="date"
        label="First day"
        required
        min={today}
        value={start}
        error={errors.start}
        onChange={({ currentTarget: { value } }) =>
          value && onChange({ start: value, end: value > end ? lastOf(value, 4) : end })
        }
      />
      {kind === "content_calendar" ? (
        <TextInput
          type="date"
          label="Last day"
          required
          min={start}
          value={end}
          error={errors.end}
          onChange={({ currentTarget: { value } }) => value && onChange({ end: value })}
        />
      ) : (
        <NumberInput
          label="Weeks"
          required
          min={1}
          max={MAX_WEEKS}
          w={120}
          value={weeks}
          error={errors.weeks}
          onChange={(count) => onChange({ end: lastOf(start, Number(count) || 1) })}
        />
      )}
    </Group>
  );
}
