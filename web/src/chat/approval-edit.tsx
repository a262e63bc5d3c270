import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  Stack,
  Text,
  TextInput,
  Textarea,
} from "@mantine/core";
import { useState, type FormEvent } from "react";

import { textOfArgument, type ArgumentField, type Arguments } from "./arguments";

const LONG_TEXT = 300;

interface ApprovalEditProps {
  fields: ArgumentField[];
  input: Arguments;
  /** What the server refused, by field. */
  errors: Record<string, string>;
  isSending: boolean;
  onApprove: (input: Arguments) => void;
  onCancel: () => void;
}

/** The arguments of a tool as a form: what is approved is what stands in it. */
export function ApprovalEdit(props: ApprovalEditProps) {
  const { fields, input, errors, isSending, onApprove, onCancel } = props;
  const [values, setValues] = useState(input);
  const approve = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined);
    onApprove(Object.fromEntries(given));
  };
  const names = new Set(fields.map(({ name }) => name));
  const others = Object.entries(errors).flatMap(([name, text]) => (names.has(name) ? [] : [text]));
  return (
    <form onSubmit={approve} aria-label="Edit before you approve">
      <Stack gap="sm">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={values[field.name]}
            error={errors[field.name]}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {others.map((message) => (
          <Text key={message} size="sm" c="var(--mantine-color-error)" role="alert">
            {message}
          </Text>
        ))}
        <Group gap="xs">
          <Button size="xs" type="submit" loading={isSending}>
            Approve as edited
          </Button>
          <Button size="xs" variant="default" disabled={isSending} onClick={onCancel}>
            Do not edit
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldProps {
  field: ArgumentField;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function Field({ field, value, error, onChange }: FieldProps) {
  const { kind, label, isRequired, choices, minimum, maximum, maxLength } = field;
  const shared = { label, required: isRequired, error };
  const text = typeof value === "string" ? value : "";
  switch (kind) {
    case "number":
      return (
        <NumberInput
          {...shared}
          min={minimum}
          max={maximum}
          clampBehavior="none"
          allowDecimal={false}
          thousandSeparator=","
          value={typeof value === "number" ? value : ""}
          onChange={onChange}
        />
      );
    case "date":
      return (
        <TextInput
          {...shared}
          type="date"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "choice":
      return (
        <NativeSelect
          {...shared}
          value={text}
          data={[
            ...(isRequired ? [] : [{ value: "", label: "–" }]),
            ...choices.map((choice) => ({ value: choice, label: textOfArgument(choice) })),
          ]}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "choices":
      return (
        <Checkbox.Group
          {...shared}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        >
          <Group mt={6}>
            {choices.map((choice) => (
              <Checkbox key={choice} value={choice} label={textOfArgument(choice)} />
            ))}
          </Group>
        </Checkbox.Group>
      );
    case "text":
      return maxLength !== undefined && maxLength > LONG_TEXT ? (
        <Textarea
          {...shared}
          autosize
          minRows={2}
          maxLength={maxLength}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...shared}
          maxLength={maxLength}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
