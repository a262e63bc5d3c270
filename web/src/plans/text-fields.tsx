import { NumberInput, TextInput, Textarea } from "@mantine/core";

import type { Errors, Wishes } from "./wishes";

interface FieldsProps {
  wishes: Wishes;
  errors: Errors;
  onChange: (changes: Partial<Wishes>) => void;
}

/** What a first plan rests on in place of numbers. */
export function TextFields({ wishes, errors, onChange }: FieldsProps) {
  return (
    <>
      <TextInput
        label="What do you make?"
        placeholder="For example: quiet indie folk"
        required
        maxLength={200}
        value={wishes.niche}
        error={errors.niche}
        onChange={(event) => onChange({ niche: event.currentTarget.value })}
      />
      <TextInput
        label="For whom?"
        placeholder="For example: listeners from 20 to 35"
        maxLength={200}
        value={wishes.audience}
        error={errors.audience}
        onChange={(event) => onChange({ audience: event.currentTarget.value })}
      />
      <TextInput
        label="How do you sound?"
        placeholder="For example: warm, plain, first person"
        maxLength={200}
        value={wishes.voice}
        error={errors.voice}
        onChange={(event) => onChange({ voice: event.currentTarget.value })}
      />
      <Textarea
        label="What is hard for you?"
        placeholder="For example: I never know what to film"
        autosize
        maxLength={500}
        value={wishes.challenges}
        error={errors.challenges}
        onChange={(event) => onChange({ challenges: event.currentTarget.value })}
      />
      <NumberInput
        label="Hours a week for content"
        required
        min={1}
        max={60}
        w={220}
        value={wishes.hours_per_week}
        error={errors.hours_per_week}
        onChange={(hours) => onChange({ hours_per_week: Number(hours) })}
      />
    </>
  );
}
