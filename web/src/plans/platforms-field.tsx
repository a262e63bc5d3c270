import { Checkbox, Group } from "@mantine/core";

import { PLATFORMS, platformName } from "../panels/platform-icons";

interface PlatformsFieldProps {
  value: string[];
  /** The only ones that can be chosen; null where all can. */
  connected: string[] | null;
  error?: string;
  onChange: (platforms: string[]) => void;
}

export function PlatformsField({ value, connected, error, onChange }: PlatformsFieldProps) {
  const names = connected ?? Object.keys(PLATFORMS);
  return (
    <Checkbox.Group
      label="Platforms"
      description={connected ? "Those whose numbers are known: the plan rests on them." : undefined}
      required
      value={value.filter((name) => names.includes(name))}
      error={error}
      onChange={onChange}
    >
      <Group my="xs">
        {names.map((name) => (
          <Checkbox key={name} value={name} label={platformName(name)} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
